using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Everything a settlement brings with it: results, follow-ups, feed, dead letters, unique keys.</summary>
public abstract class SettlementConformance : BackendConformance
{
    [Fact]
    public async Task Settle_WithEverything_AllOfItHappens()
    {
        string taskId = await PublishAsync();
        Delivery delivery = await ClaimOneAsync();

        await SettleAsync(new Settlement
        {
            Lease = delivery.Lease,
            Action = SettleAction.Complete,
            Results = [Result(taskId, TaskState.Success, 42), Result("rest-of-chain", TaskState.Failure)],
            Publish = new Outgoing([Message("next", "follow-up")], []),
            Completion = Completed(taskId, TaskState.Success),
        });

        Assert.Equal(RawJson.From(42), (await Backend.Results.GetAsync(taskId, Stop))!.Result);
        Assert.Equal(TaskState.Failure, (await Backend.Results.GetAsync("rest-of-chain", Stop))!.State);
        Assert.Equal("follow-up", (await ClaimOneAsync("next")).TaskId);
        Assert.Equal(Completed(taskId, TaskState.Success), Assert.Single(await Backend.Results.ReadCompletionsAsync(0, 10, Stop)).Completion);
    }

    [Fact]
    public async Task Settle_StaleLease_NothingOfItHappens()
    {
        string taskId = await PublishAsync(Message() with { UniqueKey = "k" });
        Delivery lost = await ClaimOneAsync();
        Time.Advance(TimeSpan.FromSeconds(31));
        await ClaimOneAsync();

        SettleOutcome outcome = await SettleAsync(new Settlement
        {
            Lease = lost.Lease,
            Action = SettleAction.Complete,
            Results = [Result(taskId, TaskState.Success)],
            Publish = Outgoing.Of(Message("next")),
            Completion = Completed(taskId, TaskState.Success),
            UniqueKey = "k",
        });

        Assert.Equal(SettleOutcome.StaleLease, outcome);
        Assert.Null(await Backend.Results.GetAsync(taskId, Stop));
        Assert.Empty(await ClaimAllAsync(queue: "next"));
        Assert.Empty(await Backend.Results.ReadCompletionsAsync(0, 10, Stop));
        Assert.Equal(new PublishOutcome(false, taskId), (await Broker.PublishAsync(Outgoing.Of(Message() with { UniqueKey = "k" }), Stop))[0]);
    }

    [Fact]
    public async Task Settle_ReadyResultIsThere_ItStays()
    {
        string taskId = await PublishAsync();
        await Backend.Results.SetAsync(Result(taskId, TaskState.Revoked), Stop);

        await SettleAsync(new Settlement { Lease = (await ClaimOneAsync()).Lease, Action = SettleAction.Complete, Results = [Result(taskId, TaskState.Success)] });

        Assert.Equal(TaskState.Revoked, (await Backend.Results.GetAsync(taskId, Stop))!.State);
    }

    [Fact]
    public async Task DeadLetters_Settled_AreListedNewestFirstWithTheReason()
    {
        foreach (string taskId in new[] { "old", "new" })
        {
            await PublishAsync(taskId: taskId);
            Delivery delivery = await ClaimOneAsync();
            Time.Advance(TimeSpan.FromSeconds(1));
            await SettleAsync(new Settlement { Lease = delivery.Lease, Action = SettleAction.DeadLetter, Reason = $"The {taskId} one broke." });
        }

        IReadOnlyList<DeadLetter> letters = await Broker.GetDeadLettersAsync(10, Stop);

        Assert.Equal(["new", "old"], letters.Select(letter => letter.TaskId));
        Assert.Equal("The new one broke.", letters[0].Reason);
        Assert.Equal("tests.task", letters[0].TaskName);
        Assert.Equal("q", letters[0].Queue);
        Assert.Equal(1, letters[0].DeliveryCount);
        Assert.Equal(Time.GetUtcNow(), letters[0].DiedAt);
        Assert.Equal("new", MessageCodec.Decode(letters[0].Envelope).Id);
        Assert.Single(await Broker.GetDeadLettersAsync(1, Stop));
        Assert.Equal(2, (await GetQueueAsync()).Dead);
        Assert.Equal(MessagePlace.Dead, (await Broker.FindAsync("old", Stop))!.Place);
        Assert.Empty(await ClaimAllAsync());
    }

    [Fact]
    public async Task Replay_DeadLetter_IsQueuedAfreshAndItsResultForgotten()
    {
        string taskId = await PublishAsync();
        await SettleAsync(new Settlement
        {
            Lease = (await ClaimOneAsync()).Lease,
            Action = SettleAction.DeadLetter,
            Reason = "No.",
            Results = [Result(taskId, TaskState.Failure)],
        });
        string messageId = (await Broker.GetDeadLettersAsync(1, Stop))[0].MessageId;

        Assert.True(await Broker.ReplayAsync(messageId, Stop));

        Assert.Null(await Backend.Results.GetAsync(taskId, Stop));
        Delivery again = await ClaimOneAsync();
        Assert.Equal((taskId, 1), (again.TaskId, again.DeliveryCount));
        Assert.Empty(await Broker.GetDeadLettersAsync(10, Stop));
        await SettleAsync(new Settlement { Lease = again.Lease, Action = SettleAction.Complete, Results = [Result(taskId, TaskState.Success, 7)] });
        Assert.Equal(TaskState.Success, (await Backend.Results.GetAsync(taskId, Stop))!.State);
    }

    [Fact]
    public async Task Replay_NotADeadLetter_IsFalseAndChangesNothing()
    {
        await PublishAsync();
        Delivery held = await ClaimOneAsync();

        Assert.False(await Broker.ReplayAsync(held.Lease.MessageId, Stop));
        Assert.False(await Broker.ReplayAsync("nonsense", Stop));
        await SettleAsync(held, SettleAction.Complete);
    }

    [Fact]
    public async Task Publish_KeyHeld_NamesTheHolder()
    {
        OutgoingMessage[] messages = [Message() with { UniqueKey = "k" }, Message() with { UniqueKey = "k" }, Message()];

        IReadOnlyList<PublishOutcome> outcomes = await Broker.PublishAsync(new Outgoing(messages, []), Stop);

        Assert.Equal([new(true, "task-1"), new(false, "task-1"), new(true, "task-3")], outcomes);
        Assert.Equal(["task-1", "task-3"], await ClaimIdsAsync());
    }

    [Fact]
    public async Task Publish_KeyFreedByItsTask_IsAccepted()
    {
        string taskId = await PublishAsync(Message() with { UniqueKey = "k" });
        await SettleAsync(new Settlement
        {
            Lease = (await ClaimOneAsync()).Lease,
            Action = SettleAction.Complete,
            Completion = Completed(taskId, TaskState.Success),
            UniqueKey = "k",
        });

        await PublishAsync(Message() with { UniqueKey = "k" });
    }

    [Fact]
    public async Task Publish_KeyFreedByAnotherTask_StaysHeld()
    {
        string holder = await PublishAsync(Message() with { UniqueKey = "k" });
        string other = await PublishAsync("other");
        await SettleAsync(new Settlement
        {
            Lease = (await ClaimOneAsync("other")).Lease,
            Action = SettleAction.Complete,
            Completion = Completed(other, TaskState.Success),
            UniqueKey = "k",
        });

        Assert.Equal(new PublishOutcome(false, holder), (await Broker.PublishAsync(Outgoing.Of(Message() with { UniqueKey = "k" }), Stop))[0]);
    }

    [Fact]
    public async Task Publish_KeyHeldTooLong_IsAccepted()
    {
        await PublishAsync(Message() with { UniqueKey = "k", UniqueFor = TimeSpan.FromHours(1) });
        await AdvanceAsync(TimeSpan.FromHours(1));

        await PublishAsync(Message() with { UniqueKey = "k" });
    }

    [Fact]
    public async Task Settle_RetryOfTheHolder_KeepsItsKey()
    {
        string taskId = await PublishAsync(Message() with { UniqueKey = "k" });

        await SettleAsync(new Settlement
        {
            Lease = (await ClaimOneAsync()).Lease,
            Action = SettleAction.Complete,
            Publish = Outgoing.Of(Message(taskId: taskId) with { UniqueKey = "k", NotBefore = Time.GetUtcNow() + TimeSpan.FromSeconds(5) }),
        });

        Assert.Equal(MessagePlace.Delayed, (await Broker.FindAsync(taskId, Stop))!.Place);
        Assert.False((await Broker.PublishAsync(Outgoing.Of(Message() with { UniqueKey = "k" }), Stop))[0].Accepted);
    }

    [Fact]
    public async Task Publish_SameKeyFromManyThreads_OneIsAccepted()
    {
        IReadOnlyList<PublishOutcome>[] all = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(
            async () => await Broker.PublishAsync(Outgoing.Of(Message() with { UniqueKey = "k" }), Stop), Stop)));

        PublishOutcome winner = Assert.Single(all.SelectMany(outcomes => outcomes), outcome => outcome.Accepted);
        Assert.All(all, outcomes => Assert.Equal(winner.TaskId, outcomes[0].TaskId));
        Assert.Single(await ClaimAllAsync());
    }
}
