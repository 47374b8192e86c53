using Essaim.Conformance;
using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>Messages and results larger than <c>max_message_bytes</c>.</summary>
public sealed class SizeLimitTests(OwnServer server) : BackendConformance, IClassFixture<OwnServer>
{
    private const int Limit = 4000;

    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time, $"?max_message_bytes={Limit}");

    [Fact]
    public async Task Publish_OneIsTooLarge_NoneIsSent()
    {
        OutgoingMessage large = Large("large");

        PayloadTooLargeException refused = await Assert.ThrowsAsync<PayloadTooLargeException>(
            async () => await Broker.PublishAsync(new Outgoing([Message(), large, Message()], []), Stop));

        Assert.Equal(("ESS1206", "large", large.Envelope.Length, Limit), (refused.Code, refused.TaskId, refused.Size, refused.Limit));
        Assert.Equal(
            $"The message of task tests.task (large) is {large.Envelope.Length:N0} bytes, and the broker takes at most 4,000. Put the data elsewhere and send where it is, compress it, or raise max_message_bytes in the broker URL.",
            refused.Message);
        Assert.Equal(0, await CountKeysAsync());
    }

    [Fact]
    public async Task Publish_AsLargeAsTheLimit_IsSent()
    {
        byte[] envelope = Envelope("q", "t");
        int padding = 0;
        while (Envelope("q", "t", padding: padding + 1).Length <= Limit)
            padding++;
        envelope = Envelope("q", "t", padding: padding);

        await PublishAsync(Message(taskId: "t") with { Envelope = envelope });

        Assert.InRange(envelope.Length, Limit - 4, Limit);
        Assert.Equal(envelope, (await ClaimOneAsync()).Envelope.ToArray());
    }

    [Fact]
    public async Task Set_ResultIsTooLarge_NothingIsStored()
    {
        ResultWrite large = LargeResult("t");

        PayloadTooLargeException refused = await Assert.ThrowsAsync<PayloadTooLargeException>(async () => await Backend.Results.SetAsync(large, Stop));

        Assert.Equal(("ESS1206", "t", large.Document.Length, Limit), (refused.Code, refused.TaskId, refused.Size, refused.Limit));
        Assert.Equal(
            $"The result of task t is {large.Document.Length:N0} bytes, and the broker takes at most 4,000. Put the data elsewhere and return where it is, or raise max_message_bytes in the broker URL.",
            refused.Message);
        Assert.Equal(0, await CountKeysAsync());
    }

    // A long call is settled in pieces: none of them may have been done where a later one is refused.
    [Theory]
    [InlineData(10, 4)]
    [InlineData(1200, 1100)]
    public async Task Settle_OneResultIsTooLarge_NoneIsSettledAndTheOthersAreWithoutIt(int count, int at)
    {
        List<Settlement> settlements = await ClaimEndingsAsync(count);
        Settlement plain = settlements[at];
        string taskId = plain.Completion!.TaskId;
        settlements[at] = plain with { Results = [LargeResult(taskId)] };

        PayloadTooLargeException refused = await Assert.ThrowsAsync<PayloadTooLargeException>(async () => await Broker.SettleAsync(settlements, Stop));

        Assert.Equal(taskId, refused.TaskId);
        Assert.Empty(await Backend.Results.ReadCompletionsAsync(0, 10, Stop));
        Assert.Null(await Backend.Results.GetAsync(settlements[0].Completion!.TaskId, Stop));
        settlements.RemoveAt(at);
        Assert.All(await Broker.SettleAsync(settlements, Stop), outcome => Assert.Equal(SettleOutcome.Settled, outcome));
        Assert.Equal(SettleOutcome.Settled, await SettleAsync(plain));
        Assert.Equal(count, (await Backend.Results.ReadCompletionsAsync(0, count + 1, Stop)).Count);
    }

    [Fact]
    public async Task Settle_FollowUpIsTooLarge_NothingIsDone()
    {
        List<Settlement> settlements = await ClaimEndingsAsync(3);
        Settlement plain = settlements[1];
        settlements[1] = plain with { Publish = Outgoing.Of(Large("follow-up")) };

        PayloadTooLargeException refused = await Assert.ThrowsAsync<PayloadTooLargeException>(async () => await Broker.SettleAsync(settlements, Stop));

        Assert.Equal("follow-up", refused.TaskId);
        Assert.Empty(await Backend.Results.ReadCompletionsAsync(0, 10, Stop));
        settlements[1] = plain;
        Assert.All(await Broker.SettleAsync(settlements, Stop), outcome => Assert.Equal(SettleOutcome.Settled, outcome));
    }

    private async Task<List<Settlement>> ClaimEndingsAsync(int count)
    {
        await Broker.PublishAsync(new Outgoing([.. Enumerable.Range(0, count).Select(_ => Message())], []), Stop);
        return
        [
            .. (await ClaimAllAsync(count)).Select(delivery => new Settlement
            {
                Lease = delivery.Lease,
                Action = SettleAction.Complete,
                Results = [Result(delivery.TaskId, TaskState.Success, 1)],
                Completion = Completed(delivery.TaskId, TaskState.Success),
            }),
        ];
    }

    private OutgoingMessage Large(string taskId) => Message(taskId: taskId) with { Envelope = Envelope("q", taskId, padding: Limit) };

    private static ResultWrite LargeResult(string taskId) =>
        new(taskId, TaskState.Success, new ResultDocument { TaskId = taskId, State = TaskState.Success, Result = RawJson.From(new string('x', Limit)) }.Encode(), null);

    private async Task<long> CountKeysAsync()
    {
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        return (await client.SendAsync(new RespCommand("DBSIZE"), Stop)).AsInteger();
    }
}
