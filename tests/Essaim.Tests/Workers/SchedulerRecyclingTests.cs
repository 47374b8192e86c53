namespace Essaim.Tests.Workers;

/// <summary>When a child makes room for another, and what happens to its tasks.</summary>
public sealed class SchedulerRecyclingTests
{
    [Fact]
    public async Task Default_FiveHundredTasksInNoTime_KeepTheChild()
    {
        using SchedulerBench bench = new(slots: 1);
        await RunAsync(bench, 600);

        Assert.Single(bench.Executors);
    }

    [Fact]
    public async Task Default_FiveHundredTasksAndAMinuteOld_AnotherTakesOverAndTheOldOneGoes()
    {
        using SchedulerBench bench = new(slots: 1);
        await RunAsync(bench, 499);
        bench.Time.Advance(TimeSpan.FromSeconds(60));
        await RunAsync(bench, 1);

        await RunningWorker.UntilAsync(() => bench.Executors.Count == 2 && bench.Executors[0].IsLost);

        Assert.Equal(1, bench.Scheduler.Count().Slots);
        await bench.FeedAsync("next");
        Assert.Empty(bench.Executors[0].InHand);
        Assert.NotEmpty(bench.Executors[1].InHand);
    }

    [Fact]
    public async Task Default_SuccessorDoesNotComeYet_TheOldOneGoesOn()
    {
        using SchedulerBench bench = new(slots: 1);
        TaskCompletionSource<Slot> asked = new();
        await RunAsync(bench, 499);
        bench.Scheduler.OpenExecutor = asked.SetResult;
        bench.Time.Advance(TimeSpan.FromSeconds(60));
        await RunAsync(bench, 1);
        Slot successor = await asked.Task;

        await RunAsync(bench, 3);
        Assert.Equal(1, bench.Scheduler.Count().Slots);
        bench.Scheduler.RetireSlot();
        await RunningWorker.UntilAsync(() => bench.Executors[0].IsLost);

        // It was for a slot that is not wanted any more.
        FakeExecutor late = new(successor);
        bench.Scheduler.Opened(successor, late);
        await RunningWorker.UntilAsync(() => late.IsLost);
        Assert.Equal(0, bench.Scheduler.Count().Slots);
    }

    [Fact]
    public async Task Number_OfTheUser_IsExact()
    {
        using SchedulerBench bench = new(slots: 1, options => options.MaxTasksPerChild = 3);
        await RunAsync(bench, 3);

        await RunningWorker.UntilAsync(() => bench.Executors.Count == 2);

        Assert.True(bench.Executors[0].IsLost);
    }

    [Fact]
    public async Task Zero_OfTheUser_IsNever()
    {
        using SchedulerBench bench = new(slots: 1, options => options.MaxTasksPerChild = 0);
        await RunAsync(bench, 600);
        bench.Time.Advance(TimeSpan.FromHours(1));
        await RunAsync(bench, 600);

        Assert.Single(bench.Executors);
    }

    [Fact]
    public async Task SoftMemory_TaskRuns_IsNotKilledAndTheChildGoesWhenItHasEnded()
    {
        long size = 100 << 20;
        using SchedulerBench bench = new(slots: 1, options => options.MaxMemoryPerChild = 150 << 20);
        bench.Scheduler.ReadMemory = ids => ids.ToDictionary(id => id, _ => size);
        await bench.FeedAsync("grows");
        FakeExecutor child = bench.Executors[0];

        bench.Time.Advance(TimeSpan.FromMilliseconds(500));
        size = 200 << 20;
        bench.Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.False(child.Killed);
        Assert.Equal(0, bench.Scheduler.Want());
        child.End();

        await RunningWorker.UntilAsync(() => bench.Executors.Count == 2);
        Assert.True(child.IsLost);
    }

    [Fact]
    public async Task SoftMemory_LastTaskEndedBetweenTwoLooks_IsSeenOnceMore()
    {
        using SchedulerBench bench = new(slots: 1, options => options.MaxMemoryPerChild = 150 << 20);
        bench.Scheduler.ReadMemory = ids => ids.ToDictionary(id => id, _ => 200L << 20);
        await RunAsync(bench, 1);

        bench.Time.Advance(TimeSpan.FromMilliseconds(500));

        await RunningWorker.UntilAsync(() => bench.Executors.Count == 2);
    }

    [Fact]
    public async Task HardMemory_TaskRuns_IsKilledAndItsTaskCountsAsADelivery()
    {
        using SchedulerBench bench = new(slots: 1, options => options.MemoryLimitPerChild = 150 << 20);
        bench.Scheduler.ReadMemory = ids => ids.ToDictionary(id => id, _ => 200L << 20);
        await bench.FeedAsync("hog");
        FakeExecutor child = bench.Executors[0];
        child.MemoryFault = EndCause.Memory(200 << 20, 150 << 20);

        bench.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(child.Killed);
        child.Die();
        await bench.SettleAsync();

        Assert.Equal((MessagePlace.Ready, 1), ((await bench.FindAsync("hog"))!.Place, (await bench.FindAsync("hog"))!.DeliveryCount));
        Assert.Contains(bench.Logger.Lines, line => line.EndsWith("what ran it ran out of memory, 200 MB of at most 150 MB (memory; delivery 1 of 5).", StringComparison.Ordinal));
    }

    private static async Task RunAsync(SchedulerBench bench, int tasks)
    {
        for (int done = 0; done < tasks; done++)
        {
            if (await bench.FeedAsync($"t{Guid.NewGuid()}") == 0)
                await bench.ClaimAsync();
            foreach (FakeExecutor executor in bench.Executors.ToArray())
            {
                while (executor.InHand.Count > 0)
                    executor.End();
            }
        }
    }
}
