namespace Essaim.Tests.Workers;

public sealed class RateLimitTests
{
    [Theory]
    [InlineData("10/s", 10)]
    [InlineData("6/m", 0.1)]
    [InlineData("36/h", 0.01)]
    [InlineData("2.5", 2.5)]
    [InlineData("0", 0)]
    [InlineData("", 0)]
    public void TryParse_CelerysForms_AreTasksASecond(string text, double perSecond)
    {
        Assert.True(RateLimit.TryParse(text, out double read, out _));
        Assert.Equal(perSecond, read, 6);
    }

    [Fact]
    public void TaskOptions_WrongRateLimit_SaysWhatIsRight() => Assert.Equal(
        "'ten' is not a rate limit. Write 10/s, 5/m, 1/h, or a number a second. (Parameter 'value')",
        Assert.Throws<ArgumentException>(() => new TaskOptions { RateLimit = "ten" }).Message);

    [Fact]
    public async Task LimitedTasks_TwoASecond_BeginInOrderAndHoldNoSlot()
    {
        using SchedulerBench bench = new(slots: 2);
        bench.Scheduler.SetRate("noop", 2);

        await bench.FeedAsync("a", "b", "c");
        await bench.ClaimAsync();

        Assert.Equal([["a"], []], bench.Executors.Select(executor => executor.InHand.ToArray()));
        Assert.Equal((2, 1, 0, 2), Numbers(bench));
        bench.Time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.Empty(bench.Executors[1].InHand);
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["b"], bench.Executors[1].InHand);
        // Both are busy: the next token is spent only when a slot is idle.
        bench.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((2, 2, 0, 1), Numbers(bench));
        bench.Executors[0].End();
        Assert.Equal(["c"], bench.Executors[0].InHand);
    }

    [Fact]
    public async Task LimitedTasks_ManyInTheQueue_AreNotAllClaimed()
    {
        using SchedulerBench bench = new(slots: 1);
        bench.Scheduler.SetRate("noop", 0.01);
        await bench.FeedAsync([.. Enumerable.Range(0, 40).Select(index => $"t{index}")]);

        bench.Executors[0].End();
        int claims = 1;
        while (await bench.ClaimAsync() > 0)
            Assert.InRange(++claims, 1, 40);

        Assert.Equal(16, bench.Scheduler.CountLimited());
        Assert.Equal(0, bench.Scheduler.Want());
    }

    [Fact]
    public async Task LimitedTasks_RevokedOrStopped_LeaveTheLine()
    {
        using SchedulerBench bench = new(slots: 1);
        bench.Scheduler.SetRate("noop", 0.01);
        await bench.FeedAsync("a", "b", "c");
        bench.Executors[0].End();
        while (await bench.ClaimAsync() > 0)
            continue;
        Assert.Equal(2, bench.Scheduler.CountLimited());

        bench.Scheduler.Revoke(bench.Tasks.Single(task => task.Message.Id == "b"), signal: null);
        Assert.Equal(1, bench.Scheduler.CountLimited());
        bench.Scheduler.BeginStop();
        await bench.SettleAsync();

        Assert.Equal(0, bench.Scheduler.CountLimited());
        Assert.Null(await bench.FindAsync("a"));
        Assert.Null(await bench.FindAsync("b"));
        Assert.Equal((MessagePlace.Ready, 0), await PlaceAsync(bench, "c"));
    }

    private static async Task<(MessagePlace, int)> PlaceAsync(SchedulerBench bench, string id)
    {
        TaskLocation place = (await bench.FindAsync(id))!;
        return (place.Place, place.DeliveryCount);
    }

    private static (int Slots, int Busy, int Waiting, int Limited) Numbers(SchedulerBench bench)
    {
        (int slots, int busy, int waiting) = bench.Scheduler.Count();
        return (slots, busy, waiting, bench.Scheduler.CountLimited());
    }
}
