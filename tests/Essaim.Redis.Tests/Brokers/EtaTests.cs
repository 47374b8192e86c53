using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>Where messages wait for their time.</summary>
public sealed class EtaTests(OwnServer server) : IClassFixture<OwnServer>
{
    private static readonly DateTimeOffset Eta = new(2100, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publish_EtaInQueue_LiesInTheListAsCelerySendsIt()
    {
        await using IBackend backend = await server.OpenEmptyAsync(TimeProvider.System, "?eta=queue");
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);

        await SendAsync(backend);

        ReadOnlyMemory<byte> envelope = (await client.SendAsync(new RespCommand("RPOP").Add("celery"), Stop)).AsBytes()!.Value;
        Assert.Equal(Eta, MessageCodec.Decode(envelope).Eta);
        Assert.Equal(0, await CountAsync(client, "ZCARD", "essaim:delayed"));
        Assert.Equal(0, await CountAsync(client, "HLEN", "essaim:envelopes"));
    }

    [Fact]
    public async Task Publish_EtaInQueue_PythonReadsWhenItIsDue()
    {
        const string Script =
            """
            import sys
            from datetime import datetime
            from kombu import Connection
            with Connection(sys.argv[1]) as connection, connection.SimpleQueue('celery') as queue:
                print(datetime.fromisoformat(queue.get(timeout=20).headers['eta']).timestamp())
            """;
        await using IBackend backend = await server.OpenEmptyAsync(TimeProvider.System, "?eta=queue");
        await SendAsync(backend);

        await using Python python = Python.Start(Script, server.Url);

        Assert.Equal($"{Eta.ToUnixTimeSeconds()}.0", await python.ReadLineAsync(Stop));
    }

    [Fact]
    public async Task Publish_ByDefault_WaitsBesideTheList()
    {
        await using IBackend backend = await server.OpenEmptyAsync(TimeProvider.System);
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);

        await SendAsync(backend);

        Assert.Equal(0, await CountAsync(client, "LLEN", "celery"));
        Assert.Equal(1, await CountAsync(client, "ZCARD", "essaim:delayed"));
    }

    private static async Task SendAsync(IBackend backend)
    {
        await using TaskClient tasks = new(backend);
        await tasks.ApplyAsync(new Signature { Task = "tests.later", Options = SignatureOptions.None with { Eta = Eta } }, cancellationToken: Stop);
    }

    private static async Task<long> CountAsync(RedisClient client, string command, string key) =>
        (await client.SendAsync(new RespCommand(command).Add(key), Stop)).AsInteger();
}
