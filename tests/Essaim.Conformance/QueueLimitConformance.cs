using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>What a broker holds queues to: concurrency, rates, order, pauses.</summary>
public abstract class QueueLimitConformance : BackendConformance
{
    private static readonly QueueLimits TwoAtOnce = new() { Concurrency = 2 };
    private static readonly QueueLimits InOrder = new() { Ordered = true };

    [Fact]
    public async Task Concurrency_Reached_NothingMoreUntilOneIsSettled()
    {
        await PublishManyAsync(5);
        IReadOnlyList<Delivery> first = await ClaimAsync(TwoAtOnce);
        Assert.Equal(["task-1", "task-2"], Ids(first));
        Assert.Empty(await ClaimAsync(TwoAtOnce));

        await SettleAsync(first[0], SettleAction.Complete);

        Assert.Equal(["task-3"], Ids(await ClaimAsync(TwoAtOnce)));
        Assert.Empty(await ClaimAsync(TwoAtOnce));
    }

    [Theory]
    [InlineData(SettleAction.Release)]
    [InlineData(SettleAction.Return)]
    [InlineData(SettleAction.Requeue)]
    [InlineData(SettleAction.DeadLetter)]
    public async Task Concurrency_SettledInAnyWay_FreesThePlaceAndWakes(SettleAction action)
    {
        await PublishManyAsync(3);
        IReadOnlyList<Delivery> held = await ClaimAsync(TwoAtOnce);
        await using IWorkSignal signal = await Broker.ListenAsync(["q"], Stop);

        await SettleAsync(held[1], action);

        await signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask().WaitAsync(Patience, Stop);
        Assert.Single(await ClaimAsync(TwoAtOnce));
    }

    [Fact]
    public async Task Concurrency_SeveralOfOneClaimSettledAtOnce_FreesAsMany()
    {
        QueueLimits four = new() { Concurrency = 4 };
        await PublishManyAsync(10);
        IReadOnlyList<Delivery> held = await ClaimAsync(four);

        await Broker.SettleAsync([.. held.Take(3).Select(Done)], Stop);

        Assert.Equal(3, (await ClaimAsync(four)).Count);
        Assert.Empty(await ClaimAsync(four));
    }

    [Fact]
    public async Task Concurrency_LeaseLost_FreesThePlace()
    {
        await PublishManyAsync(3);
        await ClaimAsync(TwoAtOnce);

        Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(["task-1", "task-2"], Ids(await ClaimAsync(TwoAtOnce)));
    }

    [Fact]
    public async Task Concurrency_SharedScope_IsCountedTogether()
    {
        QueueLimits shared = TwoAtOnce with { Scope = "q" };
        await PublishManyAsync(2);
        await PublishAsync("q@gpu", "g1");
        await PublishAsync("q@gpu", "g2");

        ClaimResult claimed = await ClaimAsync(10, new QueueClaim("q") { Limits = shared }, new QueueClaim("q@gpu") { Limits = shared });

        Assert.Equal(2, claimed.Deliveries.Count);
        Assert.Empty((await ClaimAsync(10, new QueueClaim("q@gpu") { Limits = shared })).Deliveries);
        Assert.Equal(2, (await Broker.GetHoldersAsync("q", 10, Stop)).Count);
    }

    [Fact]
    public async Task Rate_Burst_ThenOneToken_EachInterval()
    {
        QueueLimits limits = new() { Rate = new QueueRate(2, Burst: 3) };
        DateTimeOffset start = Time.GetUtcNow();
        await PublishManyAsync(10);
        Assert.Equal(3, (await ClaimAsync(limits)).Count);

        ClaimResult none = await ClaimAsync(10, new QueueClaim("q") { Limits = limits });
        Assert.Empty(none.Deliveries);
        Assert.Equal(start + TimeSpan.FromMilliseconds(500), none.NextDue);
        Assert.Equal(start + TimeSpan.FromMilliseconds(500), (await GetQueueAsync()).RateFreeAt);

        Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Single(await ClaimAsync(limits));
        Time.Advance(TimeSpan.FromMilliseconds(1000));
        Assert.Equal(2, (await ClaimAsync(limits)).Count);
    }

    [Fact]
    public async Task Rate_NotUsedForLong_SavesUpNoMoreThanTheBurst()
    {
        QueueLimits limits = new() { Rate = new QueueRate(100d / 60, Burst: 2) };
        await PublishManyAsync(10);
        Assert.Equal(2, (await ClaimAsync(limits)).Count);

        Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(2, (await ClaimAsync(limits)).Count);
        Assert.Empty(await ClaimAsync(limits));
    }

    [Fact]
    public async Task Rate_EmptyQueue_GivesNoTimeToComeBack()
    {
        QueueLimits limits = new() { Rate = new QueueRate(0.01, Burst: 1) };
        await PublishAsync();
        await SettleAsync(Assert.Single(await ClaimAsync(limits)), SettleAction.Complete);

        Assert.Null((await ClaimAsync(10, new QueueClaim("q") { Limits = limits })).NextDue);
    }

    [Fact]
    public async Task Ordered_OneAtATime_TheNextWhenTheLastIsSettled()
    {
        await PublishManyAsync(3);
        foreach (string expected in new[] { "task-1", "task-2", "task-3" })
        {
            Delivery only = Assert.Single(await ClaimAsync(InOrder));
            Assert.Equal(expected, only.TaskId);
            Assert.Empty(await ClaimAsync(InOrder));
            await SettleAsync(only, SettleAction.Complete);
        }
    }

    [Fact]
    public async Task Ordered_Retry_HoldsTheQueueAndComesBackFirst()
    {
        await PublishManyAsync(2);
        Delivery failed = Assert.Single(await ClaimAsync(InOrder));
        DateTimeOffset due = Time.GetUtcNow() + TimeSpan.FromSeconds(20);
        OutgoingMessage retry = Message(taskId: "task-1") with { NotBefore = due, KeepsPlace = true };
        await SettleAsync(new Settlement { Lease = failed.Lease, Action = SettleAction.Complete, Publish = Outgoing.Of(retry) });

        ClaimResult held = await ClaimAsync(10, new QueueClaim("q") { Limits = InOrder });
        Assert.Empty(held.Deliveries);
        Assert.Equal(due, held.NextDue);
        Time.Advance(TimeSpan.FromSeconds(20));

        Delivery again = Assert.Single(await ClaimAsync(InOrder));
        Assert.Equal("task-1", again.TaskId);
        await SettleAsync(again, SettleAction.Complete);
        Assert.Equal(["task-2"], Ids(await ClaimAsync(InOrder)));
    }

    [Fact]
    public async Task Ordered_RetryAtOnce_ComesBackFirst()
    {
        await PublishManyAsync(2);
        Delivery failed = Assert.Single(await ClaimAsync(InOrder));
        OutgoingMessage retry = Message(taskId: "task-1") with { KeepsPlace = true };
        await SettleAsync(new Settlement { Lease = failed.Lease, Action = SettleAction.Complete, Publish = Outgoing.Of(retry) });

        Assert.Equal(["task-1"], Ids(await ClaimAsync(InOrder)));
    }

    [Fact]
    public async Task Ordered_WaitingRetryPurgedOrTaken_FreesTheQueue()
    {
        await PublishAsync(Message(taskId: "kept") with { NotBefore = Time.GetUtcNow() + TimeSpan.FromHours(1), KeepsPlace = true });
        await PublishAsync(taskId: "next");
        Assert.Empty(await ClaimAsync(InOrder));

        Delivery? taken = await Broker.ClaimTaskAsync("kept", "w1", TimeSpan.FromSeconds(30), Stop);
        await SettleAsync(taken!, SettleAction.Complete);

        Assert.Equal(["next"], Ids(await ClaimAsync(InOrder)));
    }

    [Fact]
    public async Task Pause_Paused_GivesNothingAndTakesMessages()
    {
        await PublishAsync();
        QueuePause pause = new("The disk is being changed.", "ada", Time.GetUtcNow());
        Assert.False(await Broker.SetPauseAsync("q", pause, Stop));
        await PublishAsync();

        Assert.Empty(await ClaimAllAsync());
        Assert.Equal(pause, (await GetQueueAsync()).Paused);
        Assert.Equal(2, (await GetQueueAsync()).Ready);
        Assert.Null((await ClaimAsync(1, new QueueClaim("q"))).NextDue);
    }

    [Fact]
    public async Task Pause_OfAQueue_HoldsThoseDerivedFromItToo()
    {
        await PublishAsync("q@gpu");
        await PublishAsync("other");
        await Broker.SetPauseAsync("q", new QueuePause("", "ada", Time.GetUtcNow()), Stop);

        Assert.Empty((await ClaimAsync(10, new QueueClaim("q@gpu"))).Deliveries);
        Assert.Single((await ClaimAsync(10, new QueueClaim("other"))).Deliveries);
    }

    [Fact]
    public async Task Pause_Resumed_WakesAndGivesInOrder()
    {
        await PublishManyAsync(2);
        await Broker.SetPauseAsync("q", new QueuePause("", "ada", Time.GetUtcNow()), Stop);
        await using IWorkSignal signal = await Broker.ListenAsync(["q"], Stop);

        Assert.True(await Broker.SetPauseAsync("q", null, Stop));

        await signal.WaitAsync(TimeSpan.FromHours(1), Stop).AsTask().WaitAsync(Patience, Stop);
        Assert.Equal(["task-1", "task-2"], await ClaimIdsAsync());
        Assert.Null((await GetQueueAsync()).Paused);
        Assert.False(await Broker.SetPauseAsync("q", null, Stop));
    }

    [Fact]
    public async Task Reserve_KeyedRate_KeepsPlacesInLine()
    {
        QueueRate rate = new(1, Burst: 1);
        DateTimeOffset start = Time.GetUtcNow();
        RateReservation For(string task, string bucket = "q host-a") => new(bucket, task, rate);

        IReadOnlyList<DateTimeOffset?> first = await Broker.ReserveAsync([For("a"), For("b"), For("c"), For("x", "q host-b")], Stop);
        Assert.Equal([null, start + TimeSpan.FromSeconds(1), start + TimeSpan.FromSeconds(2), null], first);

        Time.Advance(TimeSpan.FromSeconds(1));
        // b's time has come, c keeps its place, d goes behind.
        Assert.Equal(
            [start + TimeSpan.FromSeconds(2), null, start + TimeSpan.FromSeconds(3)],
            await Broker.ReserveAsync([For("c"), For("b"), For("d")], Stop));
    }

    [Fact]
    public async Task Reserve_Parked_IsFoundWaitingForItsRate()
    {
        QueueRate rate = new(1, Burst: 1);
        await PublishAsync(taskId: "a");
        Delivery delivery = await ClaimOneAsync();
        await Broker.ReserveAsync([new RateReservation("q h", "first", rate)], Stop);
        DateTimeOffset? at = Assert.Single(await Broker.ReserveAsync([new RateReservation("q h", "a", rate)], Stop));
        await SettleAsync(new Settlement { Lease = delivery.Lease, Action = SettleAction.Park, NotBefore = at });

        TaskLocation? place = await Broker.FindAsync("a", Stop);

        Assert.Equal((MessagePlace.Delayed, at, true), (place!.Place, place.NotBefore, place.WaitsForRate));
    }

    [Fact]
    public async Task FreeKeys_HeldByTheTask_AreFree()
    {
        await PublishAsync(Message(taskId: "a") with { UniqueKey = "k" });
        PublishOutcome refused = Assert.Single(await Broker.PublishAsync(Outgoing.Of(Message(taskId: "b") with { UniqueKey = "k" }), Stop));
        Assert.Equal(new PublishOutcome(false, "a"), refused);

        await Broker.FreeKeysAsync([new UniqueHold("k", "someone else")], Stop);
        Assert.False(Assert.Single(await Broker.PublishAsync(Outgoing.Of(Message(taskId: "b") with { UniqueKey = "k" }), Stop)).Accepted);
        await Broker.FreeKeysAsync([new UniqueHold("k", "a")], Stop);

        Assert.True(Assert.Single(await Broker.PublishAsync(Outgoing.Of(Message(taskId: "b") with { UniqueKey = "k" }), Stop)).Accepted);
    }

    [Fact]
    public async Task Holders_InFlight_SayWhoHasThemSinceWhen()
    {
        await PublishManyAsync(3);
        DateTimeOffset claimedAt = Time.GetUtcNow();
        IReadOnlyList<Delivery> held = await ClaimAllAsync(2);
        Time.Advance(TimeSpan.FromSeconds(12));
        await Broker.RenewAsync([.. held.Select(delivery => delivery.Lease)], TimeSpan.FromSeconds(30), Stop);

        IReadOnlyList<MessageHolder> holders = await Broker.GetHoldersAsync("q", 10, Stop);

        DateTimeOffset deadline = Time.GetUtcNow() + TimeSpan.FromSeconds(30);
        Assert.Equal([new("task-1", "w1", claimedAt, deadline), new("task-2", "w1", claimedAt, deadline)], holders);
        Assert.Single(await Broker.GetHoldersAsync("q", 1, Stop));
        Assert.Empty(await Broker.GetHoldersAsync("other", 10, Stop));
    }

    private async Task PublishManyAsync(int count)
    {
        for (int i = 0; i < count; i++)
            await PublishAsync();
    }

    private async Task<IReadOnlyList<Delivery>> ClaimAsync(QueueLimits limits) =>
        (await ClaimAsync(10, new QueueClaim("q") { Limits = limits })).Deliveries;

    private static IEnumerable<string> Ids(IReadOnlyList<Delivery> deliveries) => deliveries.Select(delivery => delivery.TaskId);

    private Settlement Done(Delivery delivery) => new()
    {
        Lease = delivery.Lease,
        Action = SettleAction.Complete,
        Completion = Completed(delivery.TaskId, TaskState.Success),
    };
}
