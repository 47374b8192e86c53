namespace Essaim.Tests.Workers;

public sealed class SchedulerTests
{
    [Fact]
    public async Task Want_NothingMeasuredYet_IsTheIdleSlots()
    {
        using SchedulerBench bench = new(slots: 3);

        Assert.Equal(3, await bench.FeedAsync("a", "b", "c", "d", "e"));
        Assert.Equal(0, bench.Scheduler.Want());
        Assert.All(bench.Executors, executor => Assert.Single(executor.InHand));
    }

    [Fact]
    public async Task Want_TasksTakeASecond_TakesNoneAhead()
    {
        using SchedulerBench bench = new(slots: 1);
        await bench.FeedAsync("a", "b", "c");
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        bench.Executors[0].End();

        Assert.Equal(1, bench.Scheduler.Want());
        await bench.ClaimAsync();
        Assert.Equal(0, bench.Scheduler.Want());
    }

    [Fact]
    public async Task Want_TasksTakeNoTime_TakesManyAheadButAsksInGulps()
    {
        using SchedulerBench bench = new(slots: 2);
        await bench.WarmUpAsync();

        Assert.Equal(2 * (1 + LookAhead.Most), bench.Scheduler.Want());
        await bench.FeedAsync([.. Enumerable.Range(0, 400).Select(number => $"t{number}")]);
        Assert.Equal([17, 17], bench.Executors.Select(executor => executor.InHand.Count));
        bench.Executors[0].End();
        Assert.Equal(0, bench.Scheduler.Want());
    }

    [Fact]
    public async Task Recall_AnsweredAfterAllHaveEnded_AsksForMore()
    {
        using SchedulerBench bench = new(slots: 1);
        await bench.WarmUpAsync();
        await bench.FeedAsync("long", "s1");
        FakeExecutor executor = bench.Executors[0];
        bench.Time.Advance(TimeSpan.FromMilliseconds(25));
        Assert.Equal(1, executor.Recalls);
        executor.End();
        executor.End();
        bench.Demand.TryTake();
        // Who claims wakes now, wants nothing because of the recall, and sleeps again.
        Assert.Equal(0, bench.Scheduler.Want());

        bench.Slots[0].OnRecalled(0);

        Assert.True(bench.Demand.TryTake());
        Assert.True(bench.Scheduler.Want() > 0);
    }

    [Fact]
    public async Task LongTask_ShortOnesInHandBehindIt_GoToTheOtherSlotAndThenBackToTheBroker()
    {
        using SchedulerBench bench = new(slots: 2);
        await bench.WarmUpAsync();
        await bench.FeedAsync("long", "other", "s1", "s2", "s3", "s4");
        FakeExecutor first = bench.Executors[0], second = bench.Executors[1];
        Assert.Equal(["long", "s1", "s3"], first.InHand);
        Assert.Equal(["other", "s2", "s4"], second.InHand);

        // Both turn out long: what lies behind them is called back, and then waited for too long.
        bench.Time.Advance(TimeSpan.FromMilliseconds(25));
        Assert.Equal((1, 1), (first.Recalls, second.Recalls));
        first.GiveBack();
        second.GiveBack();
        Assert.Equal("long", Assert.Single(first.InHand));
        Assert.Equal("other", Assert.Single(second.InHand));
        second.End();
        Assert.Equal("s2", Assert.Single(second.InHand));
        bench.Time.Advance(TimeSpan.FromMilliseconds(25));
        await bench.SettleAsync();

        foreach (string id in (string[])["s1", "s3", "s4"])
            Assert.Equal((MessagePlace.Ready, 0), ((await bench.FindAsync(id))!.Place, (await bench.FindAsync(id))!.DeliveryCount));
        Assert.Equal(MessagePlace.InFlight, (await bench.FindAsync("long"))!.Place);
        Assert.Equal(MessagePlace.InFlight, (await bench.FindAsync("s2"))!.Place);
    }

    [Fact]
    public async Task LongTask_WhileItRuns_ItsSlotTakesNothingAhead()
    {
        using SchedulerBench bench = new(slots: 1);
        await bench.WarmUpAsync();
        await bench.FeedAsync("long");

        bench.Time.Advance(LookAhead.Window);

        Assert.Equal(0, bench.Scheduler.Want());
    }

    [Fact]
    public async Task GivenBack_SeveralTasks_AreClaimedAgainInTheirOldOrder()
    {
        using SchedulerBench bench = new(slots: 1);
        await bench.WarmUpAsync();
        await bench.FeedAsync("long", "s1", "s2", "s3");
        bench.Time.Advance(TimeSpan.FromMilliseconds(50));
        bench.Executors[0].GiveBack();
        bench.Time.Advance(TimeSpan.FromMilliseconds(50));
        await bench.SettleAsync();

        ClaimRequest request = new() { Worker = "other@here", Queues = [new QueueClaim("celery")], Max = 10 };
        ClaimResult claimed = await bench.Backend.Broker.ClaimAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(["s1", "s2", "s3"], claimed.Deliveries.Select(delivery => delivery.TaskId));
    }

    [Fact]
    public async Task ExecutorDies_TasksInHand_OnlyTheRunningOneIsCounted()
    {
        using SchedulerBench bench = new(slots: 1);
        await bench.WarmUpAsync();
        await bench.FeedAsync("victim", "s1", "s2");

        bench.Executors[0].Die();

        Assert.Equal(["s1", "s2"], bench.Executors[1].InHand);
        await bench.SettleAsync();
        Assert.Equal((MessagePlace.Ready, 1), ((await bench.FindAsync("victim"))!.Place, (await bench.FindAsync("victim"))!.DeliveryCount));
    }

    [Fact]
    public async Task LeaseLost_TaskRuns_IsAskedToStopAndItsOutcomeDropped()
    {
        using SchedulerBench bench = new(slots: 1);
        await bench.FeedAsync("slow");
        bench.Time.Advance(TimeSpan.FromSeconds(31));
        ClaimRequest request = new() { Worker = "other@here", Queues = [new QueueClaim("celery")], Max = 1 };
        ClaimResult stolen = await bench.Backend.Broker.ClaimAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("slow", Assert.Single(stolen.Deliveries).TaskId);

        await bench.Renewer.RenewAsync(TestContext.Current.CancellationToken);

        Assert.Equal(CancelReason.LeaseLost, Assert.Single(bench.Executors[0].Cancelled));
        bench.Executors[0].End();
        await bench.SettleAsync();
        Assert.Equal("other@here", (await bench.FindAsync("slow"))!.Worker);
        Assert.Null(await bench.Backend.Results.GetAsync("slow", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task LeaseLost_TaskDoesNotHeed_ItsExecutorIsKilledAfterFiveSeconds()
    {
        using SchedulerBench bench = new(slots: 1);
        await bench.FeedAsync("slow");
        bench.Time.Advance(TimeSpan.FromSeconds(31));
        ClaimRequest request = new() { Worker = "other@here", Queues = [new QueueClaim("celery")], Max = 1 };
        await bench.Backend.Broker.ClaimAsync(request, TestContext.Current.CancellationToken);
        await bench.Renewer.RenewAsync(TestContext.Current.CancellationToken);
        Assert.False(bench.Executors[0].Killed);

        bench.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.True(bench.Executors[0].Killed);
        Assert.Equal("lease-lost", bench.Executors[0].Cause?.Word);
    }

    [Fact]
    public async Task LeaseLost_NobodyNoticedUntilTheTaskEnded_ItsSettlementIsRefused()
    {
        using SchedulerBench bench = new(slots: 1);
        await bench.FeedAsync("slow");
        bench.Time.Advance(TimeSpan.FromSeconds(31));
        ClaimRequest request = new() { Worker = "other@here", Queues = [new QueueClaim("celery")], Max = 1 };
        await bench.Backend.Broker.ClaimAsync(request, TestContext.Current.CancellationToken);

        bench.Executors[0].End();
        await bench.SettleAsync();

        Assert.Equal("other@here", (await bench.FindAsync("slow"))!.Worker);
        Assert.Null(await bench.Backend.Results.GetAsync("slow", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Limits_SoftThenHard_AskFirstAndKillThen()
    {
        using SchedulerBench bench = new(slots: 1, options =>
        {
            options.SoftTimeLimit = TimeSpan.FromSeconds(10);
            options.HardTimeLimit = TimeSpan.FromSeconds(20);
        });
        await bench.FeedAsync("slow");
        FakeExecutor executor = bench.Executors[0];

        bench.Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Empty(executor.Cancelled);
        bench.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal((CancelReason.SoftTimeLimit, false), (Assert.Single(executor.Cancelled), executor.Killed));
        bench.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(executor.Killed);
        Assert.Equal(EndCause.Time(TimeSpan.FromSeconds(20)), executor.Cause);
    }

    [Fact]
    public async Task Opened_ExecutorThatIsGoneAlready_GetsNoTask()
    {
        using SchedulerBench bench = new(slots: 1);
        await bench.FeedAsync("first");
        bench.Executors[0].Die();

        // The dead one is announced late, after its loss.
        bench.Scheduler.Opened(bench.Slots[0], bench.Executors[0]);
        await bench.FeedAsync("second");

        Assert.Empty(bench.Executors[0].InHand);
        Assert.Equal("second", Assert.Single(bench.Executors[1].InHand));
    }
}
