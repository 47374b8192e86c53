namespace Essaim.Tests.Workers;

/// <summary>The policy over load curves: it is quick, it does not flap, it stays within its means, and it goes home.</summary>
public sealed class AutoscalerSimulationTests
{
    [Fact]
    public void Burst_AllSlotsWithin300Milliseconds_AndDownOneAtATime()
    {
        ScaleSimulation worker = new ScaleSimulation().Begin(slots: 1, size: 40);

        worker.RunUntil(300, Tasks(at: 5, count: 400, runtime: 0.5));

        Assert.Equal((400, 4, 1), (worker.Done, worker.MostSlots, worker.Slots));
        Assert.InRange(worker.Decisions.First(one => one.Decision.To == 4).At, 5, 5.3);
        Assert.Equal([(1, 4), (4, 3), (3, 2), (2, 1)], worker.Decisions.Select(one => (one.Decision.From, one.Decision.To)));
        double[] downs = [.. worker.Decisions.Skip(1).Select(one => one.At)];
        Assert.All(downs.Zip(downs.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 30));
    }

    [Fact]
    public void Burst_AgainSoonAfterADown_IsAnsweredWithin300MillisecondsToo()
    {
        ScaleSimulation worker = new ScaleSimulation().Begin(slots: 1, size: 40);

        worker.RunUntil(400, [.. Tasks(5, 40, 0.5), .. Tasks(45, 40, 0.5)]);

        Assert.Equal((80, 1), (worker.Done, worker.Slots));
        Assert.Contains(worker.Decisions, one => one.Decision.To == 4 && one.At is >= 45 and <= 45.3);
    }

    [Fact]
    public void Burst_OnDemand_StartsFromNothingAndLeavesNothing()
    {
        ScaleSimulation worker = new ScaleSimulation { Min = 0 }.Begin(slots: 0, size: 0);

        worker.RunUntil(300, Tasks(5, 100, 0.5));

        Assert.Equal((100, 4, 0), (worker.Done, worker.MostSlots, worker.Slots));
        Assert.InRange(worker.Decisions[0].At, 5, 5.02);
    }

    [Fact]
    public void Trickle_OneTaskNowAndThen_ChangesNothing()
    {
        ScaleSimulation worker = new ScaleSimulation().Begin(slots: 1, size: 40);

        worker.RunUntil(600, Enumerable.Range(1, 290).Select(number => (number * 2.0, 0.2)));

        Assert.Equal(290, worker.Done);
        Assert.Empty(worker.Decisions);
    }

    [Fact]
    public void ShortTasks_ThatBeginWithinTheirWishAnyway_NeedNoMoreSlots()
    {
        ScaleSimulation worker = new ScaleSimulation().Begin(slots: 1, size: 40);

        worker.RunUntil(120, [(1.0, 0.02), .. Enumerable.Range(1, 100).SelectMany(second => Tasks(second + 1, 20, 0.02))]);

        Assert.Equal(2001, worker.Done);
        Assert.Empty(worker.Decisions);
    }

    [Theory]
    [InlineData(20, 8)]
    [InlineData(40, 24)]
    public void Sawtooth_TeethOfTwentyTasks_DoesNotFlap(int period, int mostDecisions)
    {
        ScaleSimulation worker = new ScaleSimulation().Begin(slots: 1, size: 40);

        worker.RunUntil(600, Enumerable.Range(0, 10).SelectMany(tooth => Tasks(5 + tooth * period, 20, 1)));

        Assert.Equal((200, 1), (worker.Done, worker.Slots));
        Assert.InRange(worker.Decisions.Count, 4, mostDecisions);
    }

    [Fact]
    public void MemoryHungry_ChildrenTakeWhatTheFirstOneTook_NeverPastTheBudget()
    {
        ScaleSimulation worker = new ScaleSimulation { Budget = 1000, UsedChild = 300 }.Begin(slots: 1, size: 300);

        worker.RunUntil(600, Tasks(5, 200, 1));

        Assert.Equal((200, 3, 1), (worker.Done, worker.MostSlots, worker.Slots));
        Assert.True(worker.MostMemory <= 1000, $"{worker.MostMemory} MB");
        Assert.Equal(
            "199 waiting, oldest 0.0 s; no more, because the largest child has 300 MB, and so may each: with the worker's 0 MB no more than 3 fit into 1000 MB",
            worker.Decisions[0].Decision.Reason);
        Assert.DoesNotContain(worker.Decisions, one => one.Decision.IsRefused);
    }

    [Fact]
    public void MemoryHungry_NoRoomForASecondChild_IsRefusedOnceASpell()
    {
        ScaleSimulation worker = new ScaleSimulation { Budget = 500, UsedChild = 300 }.Begin(slots: 1, size: 300);

        worker.RunUntil(400, [.. Tasks(5, 50, 1), .. Tasks(200, 50, 1)]);

        Assert.Equal((100, 1, 1), (worker.Done, worker.MostSlots, worker.Slots));
        Assert.Equal(2, worker.Decisions.Count);
        Assert.All(worker.Decisions, one => Assert.True(one.Decision.IsRefused));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void ProcessorBound_MoreSlotsWouldShortenNothing_NoneIsAddedOnceThatIsKnown(int others)
    {
        ScaleSimulation worker = new ScaleSimulation { Max = 8, Processors = 2, NeedsProcessor = true, Others = others }.Begin(slots: 1, size: 40);

        worker.RunUntil(900, Tasks(5, 100, 1));

        Assert.Equal((100, 4, 1), (worker.Done, worker.MostSlots, worker.Slots));
        Assert.Equal([(1, 4), (4, 8), (4, 3), (3, 2), (2, 1)], worker.Decisions.Select(one => (one.Decision.From, one.Decision.To)));
        Assert.EndsWith("; no more, because it is not known yet whether these tasks need a processor each", worker.Decisions[0].Decision.Reason, StringComparison.Ordinal);
        Assert.True(worker.Decisions[1].Decision.IsRefused);
        Assert.EndsWith($", but the tasks want 4.0 of 2 processors, and the load is {others}.0", worker.Decisions[1].Decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void WaitingTasks_ThatNeedNoProcessor_GetMoreSlotsThanThereAreProcessors()
    {
        ScaleSimulation worker = new ScaleSimulation { Max = 8, Processors = 2 }.Begin(slots: 1, size: 40);

        worker.RunUntil(600, Tasks(5, 100, 2));

        Assert.Equal((100, 8, 1), (worker.Done, worker.MostSlots, worker.Slots));
    }

    private static IEnumerable<(double At, double Runtime)> Tasks(double at, int count, double runtime) => Enumerable.Repeat((at, runtime), count);
}
