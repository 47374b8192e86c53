using Essaim.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Redis.Tests;

/// <summary>Remote control between Essaim and real Celery.</summary>
public sealed class PythonControlTests(OwnServer server) : IClassFixture<OwnServer>
{
    private const string Inspect =
        """
        import sys, json, celery
        app = celery.Celery(broker=sys.argv[1])
        print(json.dumps(app.control.inspect(timeout=10, destination=['w1@essaim']).ping()))
        print(json.dumps(app.control.broadcast('ping', reply=True, timeout=10, limit=1, pattern='w[0-9]@', matcher='pcre')))
        """;

    private const string Node =
        """
        import sys, celery
        from kombu import Connection, pidbox
        app = celery.Celery(broker=sys.argv[1])
        box = app.control.mailbox.Node('py@host', handlers={'ping': lambda state, **kw: {'ok': 'pong'}, 'echo': lambda state, **kw: kw})
        with app.connection() as connection:
            box.channel = connection.channel()
            with box.listen(callback=lambda body, message: box.handle_message(body, message)):
                connection.default_channel.client.ping()
                print('up')
                while True:
                    connection.drain_events()
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serve_PythonInspects_GetsTheAnswers()
    {
        await using RedisClient client = await server.ConnectEmptyAsync();
        await using RedisControlBus bus = new(client, OwnServer.Keys, TimeProvider.System, NullLogger.Instance);
        using CancellationTokenSource end = new();
        Task serving = bus.ServeAsync("w1@essaim", (request, _) => new(RawJson.Parse($$"""{"ok": "{{request.Method}} {{request.Arguments}}"}""")), end.Token);
        // Served once this is answered.
        await bus.CallAsync(new ControlRequest("ping", RawJson.EmptyObject, ["w1@essaim"]), TimeSpan.FromSeconds(20), Stop);

        await using Python python = Python.Start(Inspect, server.Url);

        Assert.Equal("""{"w1@essaim": {"ok": "ping {}"}}""", await python.ReadLineAsync(Stop));
        Assert.Equal("""[{"w1@essaim": {"ok": "ping {}"}}]""", await python.ReadLineAsync(Stop));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
        Assert.Empty((await client.SendAsync(new RespCommand("SMEMBERS").Add("_kombu.binding.celery.pidbox"), Stop)).AsTexts());
    }

    [Fact]
    public async Task Call_PythonNode_Answers()
    {
        await using RedisClient client = await server.ConnectEmptyAsync();
        await using RedisControlBus bus = new(client, OwnServer.Keys, TimeProvider.System, NullLogger.Instance);
        await using Python python = Python.Start(Node, server.Url);
        Assert.Equal("up", await python.ReadLineAsync(Stop));

        // Python subscribes when it begins to wait, which is after it said so.
        IReadOnlyList<ControlReply> replies = [];
        while (replies.Count == 0)
            replies = await bus.CallAsync(new ControlRequest("echo", RawJson.Parse("""{"x": "é"}"""), ["py@host"]), TimeSpan.FromSeconds(2), Stop);

        ControlReply reply = Assert.Single(replies);
        Assert.Equal(("py@host", "é"), (reply.Node, reply.Value.Deserialize<Dictionary<string, string>>()!["x"]));
        Assert.True(reply.Clock > 0);
        Assert.Empty((await client.SendAsync(new RespCommand("KEYS").Add("*reply*"), Stop)).AsTexts());
    }
}
