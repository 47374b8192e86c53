using Essaim.Conformance;
using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>A server at its maxmemory: each step is refused as a whole or done as a whole, and can be done again once there is room.</summary>
public sealed class MemoryFullTests(OwnServer server) : BackendConformance, IClassFixture<OwnServer>
{
    private const string Refusal =
        "Redis refused a script: OOM command not allowed when used memory > 'maxmemory'.";

    /// <summary>Shapes of settlements; what they are is in <see cref="Shape"/>.</summary>
    public static TheoryData<string> Shapes =>
        ["plain", "ignored", "two results", "unique", "follow-up", "delayed follow-up", "release", "return", "requeue", "park", "dead"];

    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);

    public override async ValueTask DisposeAsync()
    {
        await LimitAsync(0);
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Publish_MemoryFull_IsRefusedAndNothingIsThere()
    {
        await LimitAsync(1);

        RedisReplyException refused = await Assert.ThrowsAsync<RedisReplyException>(async () => await Broker.PublishAsync(
            new Outgoing([Message(), Delayed(Time.GetUtcNow() + TimeSpan.FromHours(1)), Message("other") with { UniqueKey = "k" }], []), Stop));

        Assert.Equal(("ESS2110", "OOM"), (refused.Code, refused.Kind));
        Assert.StartsWith(Refusal, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("Work goes on by itself once there is room: drain or purge queues, or raise maxmemory.", refused.Message, StringComparison.Ordinal);
        Assert.Equal("", await SnapshotAsync());
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Settle_MemoryFull_IsRefusedWholeOrDoneWhole(string shape)
    {
        string taskId = await PublishAsync(Message() with { UniqueKey = "k" });
        Settlement settlement = Shape(shape, taskId, (await ClaimOneAsync()).Lease);
        string before = await SnapshotAsync();
        await LimitAsync(1);

        bool refused = false;
        try
        {
            Assert.Equal(SettleOutcome.Settled, await SettleAsync(settlement));
        }
        catch (RedisReplyException refusal)
        {
            Assert.Equal("OOM", refusal.Kind);
            refused = true;
        }

        await LimitAsync(0);
        if (refused)
        {
            Assert.Equal(before, await SnapshotAsync());
            Assert.Equal(SettleOutcome.Settled, await SettleAsync(settlement));
        }

        Assert.Equal(SettleOutcome.StaleLease, await SettleAsync(settlement));
        Assert.Equal(settlement.Completion is null ? 0 : 1, (await Backend.Results.ReadCompletionsAsync(0, 10, Stop)).Count);
        foreach (ResultWrite write in settlement.Results)
            Assert.Equal(write.Document.ToArray(), (await Backend.Results.GetAsync(write.TaskId, Stop))!.Encode());
        Assert.Equal(settlement.Publish.Messages.Count(message => message.NotBefore is null), (await ClaimAllAsync(queue: "next")).Count);
        Assert.Equal(settlement.UniqueKey is not null, (await Broker.PublishAsync(Outgoing.Of(Message("keyed") with { UniqueKey = "k" }), Stop))[0].Accepted);
    }

    [Fact]
    public async Task Settle_ManyWhileMemoryIsFull_AllAreDoneOnceThereIsRoom()
    {
        List<Settlement> settlements = [];
        for (int claim = 0; claim < 3; claim++)
        {
            for (int i = 0; i < 10; i++)
                await PublishAsync();
            settlements.AddRange((await ClaimAllAsync(10)).Select(delivery => Shape("plain", delivery.TaskId, delivery.Lease)));
        }

        await LimitAsync(1);
        RedisReplyException refused = await Assert.ThrowsAsync<RedisReplyException>(async () => await Broker.SettleAsync(settlements, Stop));
        await LimitAsync(0);

        Assert.Equal("OOM", refused.Kind);
        Assert.All(await Broker.SettleAsync(settlements, Stop), outcome => Assert.Equal(SettleOutcome.Settled, outcome));
        Assert.Equal(30, (await Backend.Results.ReadCompletionsAsync(0, 100, Stop)).Count);
        Assert.DoesNotContain(null, await Backend.Results.GetManyAsync([.. settlements.Select(settlement => settlement.Completion!.TaskId)], Stop));
    }

    [Fact]
    public async Task Claim_MemoryFull_LosesNothing()
    {
        string[] sent = [await PublishAsync(), await PublishAsync(), await PublishAsync(Delayed(Time.GetUtcNow() + TimeSpan.FromSeconds(1)))];
        Time.Advance(TimeSpan.FromSeconds(2));
        string before = await SnapshotAsync();
        await LimitAsync(1);

        IReadOnlyList<Delivery> claimed = [];
        try
        {
            claimed = await ClaimAllAsync();
        }
        catch (RedisReplyException refusal)
        {
            Assert.Equal(("OOM", before), (refusal.Kind, await SnapshotAsync()));
        }

        await LimitAsync(0);
        Assert.Equal(sent.Order(), claimed.Concat(await ClaimAllAsync()).Select(delivery => delivery.TaskId).Order());
    }

    private Settlement Shape(string shape, string taskId, Lease lease)
    {
        Settlement done = new()
        {
            Lease = lease,
            Action = SettleAction.Complete,
            Results = [Result(taskId, TaskState.Success, 42, TimeSpan.FromHours(1))],
            Completion = Completed(taskId, TaskState.Success),
        };
        Settlement unfinished = new() { Lease = lease, Action = SettleAction.Release, Reason = "It was bad.", NotBefore = Time.GetUtcNow() + TimeSpan.FromHours(1) };
        return shape switch
        {
            "plain" => done,
            "ignored" => done with { Results = [] },
            "two results" => done with { Results = [.. done.Results, Result("rest-of-chain", TaskState.Failure)] },
            "unique" => done with { Results = [], UniqueKey = "k" },
            "follow-up" => done with { Publish = Outgoing.Of(Message("next")) },
            "delayed follow-up" => done with { Results = [], Publish = Outgoing.Of(Delayed(Time.GetUtcNow() + TimeSpan.FromHours(1))) },
            "release" => unfinished,
            "return" => unfinished with { Action = SettleAction.Return },
            "requeue" => unfinished with { Action = SettleAction.Requeue },
            "park" => unfinished with { Action = SettleAction.Park },
            _ => unfinished with { Action = SettleAction.DeadLetter, Completion = Completed(taskId, TaskState.Failure) },
        };
    }

    private async Task LimitAsync(long bytes)
    {
        await using RedisClient admin = await OwnServer.ConnectAsync(server.Url);
        await admin.SendAsync(new RespCommand("CONFIG").Add("SET").Add("maxmemory").Add(bytes), Stop);
    }

    /// <summary>All keys and what is in them.</summary>
    private async Task<string> SnapshotAsync()
    {
        const string Script = """
            local keys, all = redis.call('KEYS', '*'), {}
            table.sort(keys)
            for n, key in ipairs(keys) do all[n] = key .. ' ' .. redis.sha1hex(redis.call('DUMP', key)) end
            return table.concat(all, '\n')
            """;
        await using RedisClient admin = await OwnServer.ConnectAsync(server.Url);
        return (await admin.SendAsync(new RespCommand("EVAL").Add(Script).Add(0), Stop)).AsText()!;
    }
}
