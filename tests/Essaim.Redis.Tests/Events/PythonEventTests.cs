using Essaim.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Redis.Tests;

/// <summary>Events between Essaim and real Celery.</summary>
public sealed class PythonEventTests(OwnServer server) : IClassFixture<OwnServer>
{
    private const string Receive =
        """
        import sys, celery
        app = celery.Celery(broker=sys.argv[1])
        with app.connection() as connection:
            receiver = app.events.Receiver(connection, handlers={'*': lambda e: print(e['type'], e['hostname'], e.get('uuid'), e.get('result'))})
            for _ in receiver.itercapture(limit=None, timeout=None, wakeup=True):
                pass
        """;

    private const string Send =
        """
        import sys, celery
        app = celery.Celery(broker=sys.argv[1])
        with app.events.default_dispatcher(hostname='py@host') as dispatcher:
            dispatcher.send('worker-online', freq=2.0)
            dispatcher.send('task-sent', uuid='t1', name='é')
        print('sent')
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publish_PythonReceiver_ReadsAll()
    {
        await using RedisClient client = await server.ConnectEmptyAsync();
        RedisEventBus bus = new(client, OwnServer.Keys, NullLogger.Instance);
        await using Python python = Python.Start(Receive, server.Url);
        while ((await client.SendAsync(new RespCommand("PUBSUB").Add("NUMPAT"), Stop)).AsInteger() == 0)
            await Task.Yield();

        await bus.PublishAsync([Event("worker-online"), Event("task-received", "t1"), Event("task-succeeded", "t1"), Event("task-log", "t1")], Stop);

        Assert.Equal("worker-online w1@essaim None 'é'", await python.ReadLineAsync(Stop));
        Assert.Equal("task-received w1@essaim t1 'é'", await python.ReadLineAsync(Stop));
        Assert.Equal("task-succeeded w1@essaim t1 'é'", await python.ReadLineAsync(Stop));
        Assert.Equal("task-log w1@essaim t1 'é'", await python.ReadLineAsync(Stop));
    }

    [Fact]
    public async Task Subscribe_PythonDispatcher_IsHeard()
    {
        await using RedisClient client = await server.ConnectEmptyAsync();
        RedisEventBus bus = new(client, OwnServer.Keys, NullLogger.Instance);
        IAsyncEnumerable<EventEntry> subscription = bus.SubscribeAsync(41, Stop);
        // Returns once the subscription stands.
        await bus.PublishAsync([], Stop);

        await using Python python = Python.Start(Send, server.Url);

        List<EventEntry> seen = [];
        await foreach (EventEntry entry in subscription)
        {
            seen.Add(entry);
            if (seen.Count == 2)
                break;
        }

        Assert.Equal([(42L, "worker-online", null), (43L, "task-sent", "t1")], seen.Select(entry => (entry.Position, entry.Event.Type, entry.Event.TaskId)));
        Assert.All(seen, entry => Assert.Equal("py@host", entry.Event.Hostname));
    }

    private static EventRecord Event(string type, string? taskId = null)
    {
        DateTimeOffset at = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        RawJson body = RawJson.From(new Dictionary<string, object?>
        {
            ["type"] = type,
            ["hostname"] = "w1@essaim",
            ["uuid"] = taskId,
            ["timestamp"] = 1_800_000_000.0,
            ["pid"] = 1,
            ["clock"] = 1,
            ["utcoffset"] = 0,
            ["result"] = "'é'",
            ["freq"] = 2.0,
            ["sw_ident"] = "essaim",
        });
        return new EventRecord(type, "w1@essaim", taskId, at, body);
    }
}
