namespace Essaim.Redis.Tests;

public sealed class StubbornServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectAsync_InfoNeverAnswered_FailsAfterItsTime()
    {
        await using ScriptedServer server = new(command => command == "PING" ? "+PONG\r\n" : "");
        string url = $"redis://{server.Address}?socket_connect_timeout=1";

        BackendException refused = await Assert.ThrowsAsync<BackendException>(() => OwnServer.ConnectAsync(url));

        Assert.Equal(
            $"Redis at {server.Address} cannot be reached: no answer within 1 s. Is the server running, is {url} its address, and may this machine connect to it?",
            refused.Message);
        Assert.Equal("ESS2102", refused.Code);
    }

    [Fact]
    public async Task SendAsync_CancelledBefore_IsNotSent()
    {
        await using OwnServer server = new();
        await server.InitializeAsync();
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await client.SendAsync(new RespCommand("INCR").Add("n"), new CancellationToken(true)));

        Assert.True((await client.SendAsync(new RespCommand("GET").Add("n"), Token)).IsNull);
    }

    [Fact]
    public async Task SendAsync_ServerGoneAfterAnIdempotentCommandWasSent_SaysItMayHaveBeenDone()
    {
        await using OwnServer server = new();
        await server.InitializeAsync();
        string url = $"redis://127.0.0.1:{server.Port}/0?socket_timeout=3";
        await using RedisClient client = await OwnServer.ConnectAsync(url);
        await using RedisClient other = await OwnServer.ConnectAsync(server.Url);
        Task<RespReply> held = client.SendAsync(new RespCommand("BRPOP", idempotent: true).Add("nothing").Add(0), Token).AsTask();
        while (!(await other.SendAsync(new RespCommand("INFO").Add("clients"), Token)).AsText()!.Contains("blocked_clients:1", StringComparison.Ordinal))
            await Task.Yield();

        await server.KillAsync();
        RedisConnectionException lost = await Assert.ThrowsAsync<RedisConnectionException>(() => held);

        Assert.True(lost.MayHaveBeenDone);
        Assert.Equal(
            $"BRPOP was sent and not answered (it may have been done), and could not be sent again: Redis at 127.0.0.1:{server.Port} cannot be reached: "
            + $"Connection refused. Is the server running, is {url} its address, and may this machine connect to it? It was tried for 3 s.",
            lost.Message);
    }

    [Fact]
    public async Task SubscribeAsync_NoRightToTheChannel_SaysSo()
    {
        await using OwnServer server = new() { Arguments = ["--user", "bob", "on", ">bob", "~*", "+@all"] };
        await server.InitializeAsync();
        await using RedisClient client = await OwnServer.ConnectAsync($"redis://bob:bob@127.0.0.1:{server.Port}");
        RedisSubscriber subscriber = await client.GetSubscriberAsync(Token);

        RedisReplyException refused = await Assert.ThrowsAsync<RedisReplyException>(async () => await subscriber.SubscribeAsync("c", false, _ => { }, Token));

        Assert.Equal(("NOPERM", "ESS2110"), (refused.Kind, refused.Code));
        Assert.StartsWith("Redis refused SUBSCRIBE: NOPERM ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubscribeAsync_AListenerThatThrows_CostsTheOthersNothing()
    {
        await using OwnServer server = new();
        await server.InitializeAsync();
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        RedisSubscriber subscriber = await client.GetSubscriberAsync(Token);
        TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int resubscribed = 0;
        await subscriber.SubscribeAsync("bad", false, _ => throw new InvalidOperationException("a fault of the test"), Token);
        await subscriber.SubscribeAsync("good", false, _ => heard.TrySetResult(), Token, () => resubscribed++);

        await client.SendAsync(new RespCommand("EVAL").Add("redis.call('PUBLISH', 'bad', '1') return redis.call('PUBLISH', 'good', '1')").Add(0), Token);
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);

        Assert.Equal(0, resubscribed);
    }

    [Fact]
    public async Task ConnectAsync_ClientName_IsWhatTheServerShows()
    {
        await using OwnServer server = new();
        await server.InitializeAsync();

        await using RedisClient client = await OwnServer.ConnectAsync($"{server.Url}?client_name=worker-1");

        Assert.Equal("worker-1", (await client.SendAsync(new RespCommand("CLIENT").Add("GETNAME"), Token)).AsText());
    }
}
