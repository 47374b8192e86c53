using System.Diagnostics;
using System.Globalization;

namespace Essaim.Redis.Tests;

public sealed class SentinelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectAsync_FirstSentinelSilent_AsksTheNext()
    {
        await using OwnServer master = new();
        await master.InitializeAsync();
        await using SentinelServer sentinel = await SentinelServer.StartAsync(master.Port);
        await using ScriptedServer silent = new(_ => "");

        await using RedisClient client = await OwnServer.ConnectAsync($"sentinel://{silent.Address};sentinel://127.0.0.1:{sentinel.Port}/0?master_name=m");

        Assert.Equal(master.Port, await PortAsync(client));
    }

    [Fact]
    public async Task ConnectAsync_NoSentinelKnowsTheMaster_SaysWhatEachSaid()
    {
        await using OwnServer master = new();
        await master.InitializeAsync();
        await using SentinelServer sentinel = await SentinelServer.StartAsync(master.Port);
        await using ScriptedServer silent = new(_ => "");
        string url = $"sentinel://{silent.Address};sentinel://127.0.0.1:{sentinel.Port}/0?master_name=other&socket_connect_timeout=3";

        BackendException refused = await Assert.ThrowsAsync<BackendException>(() => OwnServer.ConnectAsync(url));

        Assert.Equal(
            $"No sentinel of {url} says where the master other is: {silent.Address} did not answer within 1 s; 127.0.0.1:{sentinel.Port} does not know it. "
            + "Check master_name and the sentinels' addresses.",
            refused.Message);
        Assert.Equal("ESS2108", refused.Code);
    }

    [Fact]
    public async Task SendAsync_AfterAFailover_WritesToTheNewMaster()
    {
        await using OwnServer first = new();
        await first.InitializeAsync();
        await using OwnServer second = new() { Arguments = ["--replicaof", "127.0.0.1", first.Port.ToString(CultureInfo.InvariantCulture)] };
        await second.InitializeAsync();
        await using RedisClient ofSecond = await OwnServer.ConnectAsync(second.Url);
        await UntilAsync(async () => (await InfoAsync(ofSecond)).Contains("master_link_status:up", StringComparison.Ordinal));
        await using SentinelServer sentinel = await SentinelServer.StartAsync(first.Port);
        await using RedisClient client = await OwnServer.ConnectAsync($"sentinel://127.0.0.1:{sentinel.Port}/0?master_name=m");
        Assert.Equal(first.Port, await PortAsync(client));

        // Refused until the sentinel has found the replica.
        await UntilAsync(() => SentinelSaysOkAsync(sentinel, "FAILOVER", "m"));
        await UntilAsync(async () =>
        {
            await client.SendAsync(new RespCommand("SET", idempotent: true).Add("k").Add("v"), Token);
            return await PortAsync(client) == second.Port;
        });

        Assert.Contains("role:master", await InfoAsync(ofSecond), StringComparison.Ordinal);
        await client.SendAsync(new RespCommand("SET", idempotent: true).Add("after").Add("v"), Token);
        Assert.Equal("v", (await ofSecond.SendAsync(new RespCommand("GET").Add("after"), Token)).AsText());
    }

    private static async Task<int> PortAsync(RedisClient client) =>
        int.Parse((await client.SendAsync(new RespCommand("CONFIG", idempotent: true).Add("GET").Add("port"), Token)).AsTexts()[1], CultureInfo.InvariantCulture);

    private static async Task<string> InfoAsync(RedisClient client) =>
        (await client.SendAsync(new RespCommand("INFO", idempotent: true).Add("replication"), Token)).AsText()!;

    private static async Task<bool> SentinelSaysOkAsync(SentinelServer sentinel, params string[] arguments)
    {
        ProcessStartInfo start = new("redis-cli", ["-p", sentinel.Port.ToString(CultureInfo.InvariantCulture), "SENTINEL", .. arguments]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string said = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return said.StartsWith("OK", StringComparison.Ordinal);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
    }
}
