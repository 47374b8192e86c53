namespace Essaim.Redis.Tests;

public sealed class ClientTests : IAsyncDisposable
{
    private readonly OwnServer _server = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task SendAsync_EightCallers_EachGetsItsOwnReplies()
    {
        await _server.InitializeAsync();
        await using RedisClient client = await OwnServer.ConnectAsync(_server.Url);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; i < 2000; i++)
                Assert.Equal($"{caller}-{i}", (await client.SendAsync(new RespCommand("ECHO").Add($"{caller}-{i}"), Token)).AsText());
        })));
    }

    [Fact]
    public async Task SendAsync_ScriptUnknown_SaysNoScript()
    {
        await _server.InitializeAsync();
        await using RedisClient client = await OwnServer.ConnectAsync(_server.Url);

        RedisReplyException refused = await Assert.ThrowsAsync<RedisReplyException>(
            async () => await client.SendAsync(new RespCommand("EVALSHA").Add(new string('0', 40)).Add(0), Token));

        Assert.Equal(("NOSCRIPT", "Redis refused EVALSHA: NOSCRIPT No matching script. Please use EVAL."), (refused.Kind, refused.Message));
    }

    [Fact]
    public async Task SendAsync_ConnectionKilled_ConnectsAgain()
    {
        await _server.InitializeAsync();
        await using RedisClient client = await OwnServer.ConnectAsync(_server.Url);
        await using RedisClient other = await OwnServer.ConnectAsync(_server.Url);

        Assert.Equal(1, (await other.SendAsync(new RespCommand("CLIENT").Add("KILL").Add("TYPE").Add("normal"), Token)).AsInteger());

        Assert.Equal("PONG", (await client.SendAsync(new RespCommand("PING", idempotent: true), Token)).AsText());
    }

    [Fact]
    public async Task SendAsync_ServerKilledAndStarted_ConnectsAgain()
    {
        await _server.InitializeAsync();
        await using RedisClient client = await OwnServer.ConnectAsync(_server.Url);
        await _server.KillAsync();
        Task<RespReply> waiting = client.SendAsync(new RespCommand("PING", idempotent: true), Token).AsTask();

        await _server.StartAsync();

        Assert.Equal("PONG", (await waiting).AsText());
    }

    [Fact]
    public async Task SendAsync_CutInTheReply_SaysItMayHaveBeenDoneAndDoesItOnce()
    {
        await _server.InitializeAsync();
        await using CuttingProxy proxy = new(_server.Port);
        await using RedisClient client = await OwnServer.ConnectAsync(proxy.Url);
        proxy.CutAfter(2);

        RedisConnectionException lost = await Assert.ThrowsAsync<RedisConnectionException>(async () => await client.SendAsync(new RespCommand("INCR").Add("n"), Token));

        Assert.Equal(
            (true, "ESS2111", "The connection to Redis was lost (the server closed the connection) after INCR was sent and before it was answered: it may have been done."),
            (lost.MayHaveBeenDone, lost.Code, lost.Message));
        Assert.Equal("1", (await client.SendAsync(new RespCommand("GET", idempotent: true).Add("n"), Token)).AsText());

        proxy.CutAfter(2);
        Assert.Equal("1", (await client.SendAsync(new RespCommand("GET", idempotent: true).Add("n"), Token)).AsText());
    }

    [Fact]
    public async Task SubscribeAsync_ConnectionKilled_ListensAgainAndSaysSo()
    {
        await _server.InitializeAsync();
        await using RedisClient client = await OwnServer.ConnectAsync(_server.Url);
        TaskCompletionSource resubscribed = new();
        TaskCompletionSource<string> heard = new();
        RedisSubscriber subscriber = await client.GetSubscriberAsync(Token);
        await using IAsyncDisposable listening = await subscriber.SubscribeAsync(
            "c", false, message => heard.TrySetResult(System.Text.Encoding.UTF8.GetString(message.Payload.Span)), Token, () => resubscribed.TrySetResult());

        await client.SendAsync(new RespCommand("CLIENT").Add("KILL").Add("TYPE").Add("pubsub"), Token);
        await resubscribed.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await client.SendAsync(new RespCommand("PUBLISH").Add("c").Add("hello"), Token);

        Assert.Equal("hello", await heard.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task SendAsync_ServerBecameReplica_WaitsUntilThereIsAMaster()
    {
        await _server.InitializeAsync();
        await using RedisClient client = await OwnServer.ConnectAsync(_server.Url);
        await using RedisClient other = await OwnServer.ConnectAsync(_server.Url);
        await other.SendAsync(new RespCommand("REPLICAOF").Add("127.0.0.1").Add(1), Token);
        Task<RespReply> waiting = client.SendAsync(new RespCommand("INCR").Add("n"), Token).AsTask();
        while (!(await other.SendAsync(new RespCommand("INFO").Add("errorstats"), Token)).AsText()!.Contains("errorstat_READONLY:count=", StringComparison.Ordinal))
            Assert.False(waiting.IsCompleted);

        await other.SendAsync(new RespCommand("REPLICAOF").Add("NO").Add("ONE"), Token);

        Assert.Equal(1, (await waiting).AsInteger());
    }
}
