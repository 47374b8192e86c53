using Xunit;

namespace Essaim.Conformance;

/// <summary>Delayed messages, wake-ups, revoked marks, and looking at what waits.</summary>
public abstract class WaitingConformance : BackendConformance
{
    [Fact]
    public async Task Claim_Delayed_NotBeforeItsTime()
    {
        DateTimeOffset due = Time.GetUtcNow() + TimeSpan.FromMinutes(10);
        await PublishAsync(Delayed(due, "later"));
        ClaimResult early = await ClaimAsync(10, new QueueClaim("q"));
        Assert.Empty(early.Deliveries);
        Assert.Equal(due, early.NextDue);

        Time.Advance(TimeSpan.FromMinutes(10));

        Delivery delivery = await ClaimOneAsync();
        Assert.Equal(("later", due), (delivery.TaskId, delivery.ReadySince));
    }

    [Fact]
    public async Task Claim_DelayedThatAreDue_ComeInTheOrderOfTheirTimes()
    {
        foreach (int minutes in new[] { 3, 1, 2 })
            await PublishAsync(Message(taskId: $"in-{minutes}") with { NotBefore = Time.GetUtcNow() + TimeSpan.FromMinutes(minutes) });
        Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(["in-1", "in-2", "in-3"], await ClaimIdsAsync());
    }

    [Fact]
    public async Task Publish_NotBeforeInThePast_IsReadyAtOnce()
    {
        await PublishAsync(Message() with { NotBefore = Time.GetUtcNow() - TimeSpan.FromDays(1) });

        await ClaimOneAsync();
    }

    [Fact]
    public async Task NextDue_SeveralWait_IsTheEarliest()
    {
        await PublishAsync(Message() with { NotBefore = Time.GetUtcNow() + TimeSpan.FromSeconds(90) });
        await PublishAsync(Message() with { NotBefore = Time.GetUtcNow() + TimeSpan.FromSeconds(10) });
        await PublishAsync();
        await ClaimOneAsync();

        Assert.Equal(Time.GetUtcNow() + TimeSpan.FromSeconds(10), (await ClaimAsync(1, new QueueClaim("q"))).NextDue);
        Assert.Equal(Time.GetUtcNow() + TimeSpan.FromSeconds(10), (await Broker.SweepAsync(Stop)).NextDue);
    }

    [Fact]
    public async Task Sweep_Due_AreMadeReadyAndReported()
    {
        await PublishAsync(Message() with { NotBefore = Time.GetUtcNow() + TimeSpan.FromSeconds(10) });
        Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(new SweepReport(1, 0, 0, null), await Broker.SweepAsync(Stop));
        Assert.Equal(new SweepReport(0, 0, 0, null), await Broker.SweepAsync(Stop));
    }

    [Fact]
    public async Task ClaimTask_WaitingOrDelayed_IsTakenOnce()
    {
        await PublishAsync(taskId: "before");
        await PublishAsync(taskId: "ready");
        await PublishAsync(Message(taskId: "delayed") with { NotBefore = Time.GetUtcNow() + TimeSpan.FromHours(1) });

        foreach (string taskId in new[] { "ready", "delayed" })
        {
            Delivery? taken = await Broker.ClaimTaskAsync(taskId, "w2", TimeSpan.FromSeconds(30), Stop);
            Assert.Equal((taskId, 1), (taken?.TaskId, taken?.DeliveryCount));
            Assert.Null(await Broker.ClaimTaskAsync(taskId, "w2", TimeSpan.FromSeconds(30), Stop));
            await SettleAsync(taken!, SettleAction.Complete);
        }

        Assert.Equal(["before"], await ClaimIdsAsync());
        Assert.Null(await Broker.ClaimTaskAsync("unknown", "w2", TimeSpan.FromSeconds(30), Stop));
    }

    [Fact]
    public async Task ClaimTask_DelayedThenReleased_IsDelayedAgain()
    {
        await PublishAsync(Message(taskId: "delayed") with { NotBefore = Time.GetUtcNow() + TimeSpan.FromHours(1) });
        Delivery? taken = await Broker.ClaimTaskAsync("delayed", "w2", TimeSpan.FromSeconds(30), Stop);

        await SettleAsync(taken!, SettleAction.Release);

        Assert.Empty(await ClaimAllAsync());
        Assert.Equal(MessagePlace.Delayed, (await Broker.FindAsync("delayed", Stop))!.Place);
    }

    [Fact]
    public async Task Claim_RevokedTask_SaysSoWhileTheMarkIsKept()
    {
        await PublishAsync(taskId: "a");
        await Broker.MarkRevokedAsync(["a", "other"], TimeSpan.FromHours(1), Stop);
        Delivery marked = await ClaimOneAsync();
        Assert.True(marked.Revoked);
        await SettleAsync(marked, SettleAction.Release);

        Time.Advance(TimeSpan.FromHours(1));

        Assert.False((await ClaimOneAsync()).Revoked);
        Assert.Equal(2, (await Broker.SweepAsync(Stop)).Pruned);
    }

    [Fact]
    public async Task Signal_PublishedBeforeTheWait_EndsItAtOnce()
    {
        await using IWorkSignal signal = await Broker.ListenAsync(["q"], Stop);
        await PublishAsync();

        await signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask().WaitAsync(Patience, Stop);
    }

    [Fact]
    public async Task Signal_PublishedDuringTheWait_EndsIt()
    {
        await using IWorkSignal signal = await Broker.ListenAsync(["other", "q"], Stop);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();

        await PublishAsync();

        await waiting.WaitAsync(Patience, Stop);
    }

    [Fact]
    public async Task Signal_PublishedToADerivedQueue_EndsTheWaitOfWhoListensToTheOneItIsDerivedFrom()
    {
        await using IWorkSignal signal = await Broker.ListenAsync(["q"], Stop);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();

        await PublishAsync(Message() with { Queue = "q@gpu" });

        await waiting.WaitAsync(Patience, Stop);
    }

    [Fact]
    public async Task Signal_DelayedMessagePublished_EndsTheWaitSoThatItIsWorkedOutAfresh()
    {
        await using IWorkSignal signal = await Broker.ListenAsync(["q"], Stop);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask();

        await PublishAsync(Message() with { NotBefore = Time.GetUtcNow() + TimeSpan.FromSeconds(5) });

        await waiting.WaitAsync(Patience, Stop);
    }

    [Theory]
    [InlineData(SettleAction.Release)]
    [InlineData(SettleAction.Return)]
    [InlineData(SettleAction.Requeue)]
    public async Task Signal_MessageGivenBack_EndsTheWait(SettleAction action)
    {
        await PublishAsync();
        Delivery delivery = await ClaimOneAsync();
        await using IWorkSignal signal = await Broker.ListenAsync(["q"], Stop);

        await SettleAsync(delivery, action);

        await signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask().WaitAsync(Patience, Stop);
    }

    [Fact]
    public async Task Signal_TimeIsUp_EndsTheWait()
    {
        await using IWorkSignal signal = await Broker.ListenAsync(["q"], Stop);
        int before = Time.WaitingTimers;
        Task waiting = signal.WaitAsync(TimeSpan.FromSeconds(5), Stop).AsTask();
        Assert.True(Time.WaitingTimers > before);

        Time.Advance(TimeSpan.FromSeconds(5));

        await waiting.WaitAsync(Patience, Stop);
    }

    [Fact]
    public async Task Signal_Cancelled_Throws()
    {
        await using IWorkSignal signal = await Broker.ListenAsync(["q"], Stop);
        using CancellationTokenSource cancel = new();
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Find_EachPlace_IsNamed()
    {
        DateTimeOffset due = Time.GetUtcNow() + TimeSpan.FromHours(1);
        await PublishAsync(taskId: "held");
        await ClaimOneAsync();
        await PublishAsync(taskId: "ready");
        await PublishAsync(Message(taskId: "delayed") with { NotBefore = due });

        DateTimeOffset now = Time.GetUtcNow();
        Assert.Equal(
            new TaskLocation(MessagePlace.InFlight, "q", "w1", 1, null) { ClaimedAt = now, Deadline = now + TimeSpan.FromSeconds(30) },
            await Broker.FindAsync("held", Stop));
        Assert.Equal(new TaskLocation(MessagePlace.Ready, "q", null, 0, null) { Ahead = 0 }, await Broker.FindAsync("ready", Stop));
        Assert.Equal(new TaskLocation(MessagePlace.Delayed, "q", null, 0, due), await Broker.FindAsync("delayed", Stop));
        Assert.Null(await Broker.FindAsync("unknown", Stop));
    }

    [Fact]
    public async Task Find_Ready_CountsWhatComesBeforeIt()
    {
        await PublishAsync(taskId: "low", priority: 9);
        await PublishAsync(taskId: "first");
        await PublishAsync("other");
        await PublishAsync(taskId: "second");

        Assert.Equal([0, 1, 2], [await AheadAsync("first"), await AheadAsync("second"), await AheadAsync("low")]);

        async Task<long?> AheadAsync(string taskId) => (await Broker.FindAsync(taskId, Stop))!.Ahead;
    }

    [Fact]
    public async Task Find_DeadOrRevoked_SaysWhy()
    {
        await PublishAsync(taskId: "bad");
        await SettleAsync(await ClaimOneAsync(), SettleAction.DeadLetter);
        await PublishAsync(taskId: "unwanted");
        await Broker.MarkRevokedAsync(["unwanted"], TimeSpan.FromHours(1), Stop);

        TaskLocation? dead = await Broker.FindAsync("bad", Stop);

        Assert.Equal((MessagePlace.Dead, "It was bad.", false), (dead!.Place, dead.Reason, dead.Revoked));
        Assert.True((await Broker.FindAsync("unwanted", Stop))!.Revoked);
    }

    [Fact]
    public async Task Queues_DepthAndAge_AreCounted()
    {
        DateTimeOffset first = Time.GetUtcNow();
        await PublishAsync("b", priority: 5);
        Time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 3; i++)
            await PublishAsync("b");
        await PublishAsync(Message("b") with { NotBefore = Time.GetUtcNow() + TimeSpan.FromHours(1) });
        await ClaimOneAsync("b");
        await PublishAsync("a");
        await SettleAsync(await ClaimOneAsync("a"), SettleAction.Complete);

        Assert.Equal([new("a", 0, 0, 0, 0, null), new("b", 3, 1, 1, 0, first)], await Broker.GetQueuesAsync(Stop));
        Assert.Equal(["a", "b"], await Broker.GetQueueNamesAsync(Stop));
    }

    [Fact]
    public async Task Purge_Queue_RemovesWhatWaitsThereAndNothingElse()
    {
        await PublishAsync(taskId: "held");
        await ClaimOneAsync();
        await PublishAsync(Message() with { UniqueKey = "k" });
        await PublishAsync(Message() with { NotBefore = Time.GetUtcNow() + TimeSpan.FromHours(1) });
        await PublishAsync("other");

        Assert.Equal(2, await Broker.PurgeAsync("q", Stop));

        Assert.Equal(new QueueStatus("q", 0, 0, 1, 0, null), await GetQueueAsync());
        Assert.Equal(1, (await GetQueueAsync("other")).Ready);
        Assert.Equal(0, await Broker.PurgeAsync("q", Stop));
        Assert.Equal(0, await Broker.PurgeAsync("unknown", Stop));

        // What was purged never ends; it must not hold its key.
        await PublishAsync(Message() with { UniqueKey = "k" });
    }
}
