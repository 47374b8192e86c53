using System.Collections.Concurrent;
using Essaim.Conformance;
using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>Results that are settled together are announced to those who listen, and to nobody else.</summary>
public sealed class ResultAnnouncementTests(OwnServer server) : BackendConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);

    [Theory]
    [InlineData("", "")]
    [InlineData("?result_keyprefix=x*%5B1%5D-", "x*[1]-")]
    public async Task Settle_FewListen_TheyHear(string options, string prefix)
    {
        await using IBackend backend = await server.OpenAsync(Time, options);
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        List<Settlement> settlements = await ClaimEndingsAsync(10);
        Ears ears = new();
        await ears.ListenAsync(client, new RedisKeys("", "", 0, prefix).Result(settlements[6].Results[0].TaskId));
        await CommandCounts.ResetAsync(client);

        await backend.Broker.SettleAsync(settlements, Stop);

        RedisMessage heard = await ears.NextAsync();
        Assert.Equal(settlements[6].Results[0].Document.ToArray(), heard.Payload.ToArray());
        IReadOnlyDictionary<string, long> counts = await CommandCounts.ReadAsync(client);
        Assert.Equal((1, 1), (counts["publish"], counts["pubsub|channels"]));
        await ears.AssertNothingMoreAsync(client);
    }

    [Fact]
    public async Task Settle_ManyListen_EachResultIsAskedForAndTheyHear()
    {
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        List<Settlement> settlements = await ClaimEndingsAsync(20);
        Ears ears = new();
        for (int i = 0; i < 260; i++)
            await ears.ListenAsync(client, OwnServer.Keys.Result($"another-{i}"));
        await ears.ListenAsync(client, OwnServer.Keys.Result(settlements[4].Results[0].TaskId));
        await ears.ListenAsync(client, OwnServer.Keys.Result(settlements[13].Results[0].TaskId));
        await Broker.SettleAsync([.. settlements.Take(10)], Stop);
        Assert.Equal(OwnServer.Keys.Result(settlements[4].Results[0].TaskId), (await ears.NextAsync()).Channel);
        await CommandCounts.ResetAsync(client);

        await Broker.SettleAsync([.. settlements.Skip(10)], Stop);

        RedisMessage heard = await ears.NextAsync();
        Assert.Equal(settlements[13].Results[0].Document.ToArray(), heard.Payload.ToArray());
        IReadOnlyDictionary<string, long> counts = await CommandCounts.ReadAsync(client);
        Assert.Equal((1, 1), (counts["publish"], counts["pubsub|numsub"]));
        Assert.DoesNotContain("pubsub|channels", counts);
        await ears.AssertNothingMoreAsync(client);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(260)]
    public async Task Settle_PatternListens_HearsAll(int others)
    {
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        Ears deaf = new();
        for (int i = 0; i < others; i++)
            await deaf.ListenAsync(client, OwnServer.Keys.Result($"another-{i}"));
        await Broker.SettleAsync(await ClaimEndingsAsync(10), Stop);
        List<Settlement> settlements = await ClaimEndingsAsync(10);
        Ears ears = new();
        await ears.ListenAsync(client, "celery-task-*", pattern: true);

        await Broker.SettleAsync(settlements, Stop);

        foreach (Settlement settlement in settlements)
            Assert.Equal(settlement.Results[0].Document.ToArray(), (await ears.NextAsync()).Payload.ToArray());
    }

    [Fact]
    public async Task Settle_ReadyResultIsThere_ItsListenerHearsNothing()
    {
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        List<Settlement> settlements = await ClaimEndingsAsync(10);
        string taskId = settlements[6].Results[0].TaskId;
        await Backend.Results.SetAsync(Result(taskId, TaskState.Revoked), Stop);
        Ears ears = new();
        await ears.ListenAsync(client, OwnServer.Keys.Result(taskId));
        await ears.ListenAsync(client, OwnServer.Keys.Result(settlements[7].Results[0].TaskId));

        await Broker.SettleAsync(settlements, Stop);

        // Announced in order: the other one would have been first.
        Assert.Equal(settlements[7].Results[0].Document.ToArray(), (await ears.NextAsync()).Payload.ToArray());
        await ears.AssertNothingMoreAsync(client);
    }

    [Fact]
    public async Task Settle_OneLeaseIsStale_ListenersOfTheOthersHearOnce()
    {
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        List<Settlement> settlements = await ClaimEndingsAsync(10);
        await SettleAsync(settlements[0]);
        Ears ears = new();
        foreach (Settlement settlement in settlements)
            await ears.ListenAsync(client, OwnServer.Keys.Result(settlement.Results[0].TaskId));

        await Broker.SettleAsync(settlements, Stop);

        foreach (Settlement settlement in settlements.Skip(1))
            Assert.Equal(settlement.Results[0].Document.ToArray(), (await ears.NextAsync()).Payload.ToArray());
        await ears.AssertNothingMoreAsync(client);
    }

    private async Task<List<Settlement>> ClaimEndingsAsync(int count)
    {
        await Broker.PublishAsync(new Outgoing([.. Enumerable.Range(0, count).Select(_ => Message())], []), Stop);
        return
        [
            .. (await ClaimAllAsync(count)).Index().Select(pair => new Settlement
            {
                Lease = pair.Item.Lease,
                Action = SettleAction.Complete,
                Results = [Result(pair.Item.TaskId, TaskState.Success, pair.Index)],
                Completion = Completed(pair.Item.TaskId, TaskState.Success),
            }),
        ];
    }

    /// <summary>What was announced, in order.</summary>
    private sealed class Ears
    {
        private readonly ConcurrentQueue<RedisMessage> _heard = new();
        private readonly SemaphoreSlim _some = new(0);

        public async Task ListenAsync(RedisClient client, string channel, bool pattern = false) =>
            await (await client.GetSubscriberAsync(Stop)).SubscribeAsync(channel, pattern, Hear, Stop);

        public async Task<RedisMessage> NextAsync()
        {
            Assert.True(await _some.WaitAsync(Patience, Stop));
            Assert.True(_heard.TryDequeue(out RedisMessage message));
            return message;
        }

        /// <summary><see cref="NextAsync"/> has given everything: what is announced now comes next.</summary>
        public async Task AssertNothingMoreAsync(RedisClient client)
        {
            await ListenAsync(client, "end");
            await client.SendAsync(new RespCommand("PUBLISH").Add("end").Add(""), Stop);
            Assert.Equal("end", (await NextAsync()).Channel);
        }

        private void Hear(RedisMessage message)
        {
            _heard.Enqueue(message);
            _some.Release();
        }
    }
}
