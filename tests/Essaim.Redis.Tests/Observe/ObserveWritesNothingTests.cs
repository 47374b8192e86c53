namespace Essaim.Redis.Tests;

/// <summary>The verb <c>observe</c> leaves Redis as it was.</summary>
public sealed class ObserveWritesNothingTests(OwnServer server) : IClassFixture<OwnServer>
{
    private const string Worker =
        """
        import os, sys, celery
        os.environ.pop('NO_COLOR', None)  # Celery wants a boolean in it.
        from celery import signals
        app = celery.Celery(broker=sys.argv[1])
        @signals.worker_ready.connect
        def ready(**kw):
            sys.__stdout__.write('\nready\n')
            sys.__stdout__.flush()
        app.worker_main(['worker', '--pool', 'solo', '-n', 'w1@py', '--loglevel', 'ERROR'])
        """;

    // Everything observe may send, and what this test itself sends meanwhile.
    private static readonly string[] Reading =
    [
        "hello", "auth", "client", "select", "ping", "info", "hlen", "zrange", "zcard", "smembers", "scan", "llen", "psubscribe", "punsubscribe", "config",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Observe_KeysOfAFleet_AreTheSameAfterwards()
    {
        await using RedisClient client = await server.ConnectEmptyAsync();
        await DoAsync(client, "SADD", "_kombu.binding.celery", "celery\u0006\u0016\u0006\u0016celery");
        await DoAsync(client, "LPUSH", "celery\u0006\u00163", "waits");
        await DoAsync(client, "HSET", "unacked", "t1", "x");
        await DoAsync(client, "ZADD", "unacked_index", "5", "t1");
        string[] before = await DumpAsync(client);
        await DoAsync(client, "CONFIG", "RESETSTAT");

        Assert.Equal(ExitCodes.Ok, await ObserveAsync(server.Url, "1s"));

        string statistics = (await DoAsync(client, "INFO", "commandstats")).AsText()!;
        string[] used = [.. statistics.Split('\n').Where(line => line.StartsWith("cmdstat_", StringComparison.Ordinal)).Select(line => line["cmdstat_".Length..].Split(':', '|')[0]).Distinct()];
        Assert.Empty(used.Except(Reading));
        Assert.Contains("psubscribe", used);
        Assert.Contains("llen", used);
        Assert.Equal(before, await DumpAsync(client));
    }

    [Fact]
    public async Task Observe_BesidePythonAsAUserWhoMayOnlyRead_Works()
    {
        await using RedisClient client = await server.ConnectEmptyAsync();
        await using Python python = Python.Start(Worker, server.Url);
        while (await python.ReadLineAsync(Stop) != "ready")
        {
            // Its banner.
        }

        await DoAsync(client, "ACL", "SETUSER", "watcher", "on", ">secret", "~*", "&*", "-@all", "+@read", "+@connection", "+info", "+psubscribe", "+punsubscribe");
        await DoAsync(client, "ACL", "LOG", "RESET");

        Assert.Equal(ExitCodes.Ok, await ObserveAsync($"redis://watcher:secret@127.0.0.1:{server.Port}/0", "3s"));

        // Everything the server refused is in this log.
        Assert.Equal(0, (await DoAsync(client, "ACL", "LOG")).Read().ReadArray());
    }

    private static Task<int> ObserveAsync(string url, string length) => EssaimApp.CreateBuilder(["observe", url, "--for", length, "--format", "json"]).Build().RunAsync(Stop);

    private static async Task<string[]> DumpAsync(RedisClient client)
    {
        List<string> dump = [];
        foreach (string key in (await DoAsync(client, "KEYS", "*")).AsTexts().Order(StringComparer.Ordinal))
        {
            ReadOnlyMemory<byte> value = (await DoAsync(client, "DUMP", key)).AsBytes()!.Value;
            dump.Add($"{key} {Convert.ToHexString(value.Span)}");
        }

        return [.. dump];
    }

    private static async Task<RespReply> DoAsync(RedisClient client, string name, params string[] arguments)
    {
        RespCommand command = new(name);
        foreach (string argument in arguments)
            command.Add(argument);
        return await client.SendAsync(command, Stop);
    }
}
