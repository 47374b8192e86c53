namespace Essaim.Redis.Tests;

public sealed class RefusalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectAsync_NotLetIn_SaysWhy()
    {
        await using OwnServer server = new() { Arguments = ["--requirepass", "right", "--user", "bob", "on", ">bob", "+ping"] };
        await server.InitializeAsync();
        string address = $"127.0.0.1:{server.Port}";
        const string Advice = "Give the right user and password in the broker URL: redis://USER:PASSWORD@HOST.";

        Assert.Equal(
            $"ESS2103 Redis at {address} does not let this user in: WRONGPASS invalid username-password pair or user is disabled. {Advice}",
            await RefusalAsync($"redis://:wrong@{address}"));
        Assert.Equal(
            $"ESS2103 Redis at {address} does not let this user in: NOAUTH Authentication required. {Advice}",
            await RefusalAsync($"redis://{address}"));
        Assert.StartsWith($"ESS2104 Redis at {address} does not allow this user what Essaim needs: NOPERM ", await RefusalAsync($"redis://bob:bob@{address}"), StringComparison.Ordinal);
        await (await OwnServer.ConnectAsync($"redis://:right@{address}")).DisposeAsync();
        await (await OwnServer.ConnectAsync($"redis://default:right@{address}/2?protocol=3")).DisposeAsync();
    }

    [Fact]
    public async Task SendAsync_MemoryFull_SaysSo()
    {
        await using OwnServer server = new() { Arguments = ["--maxmemory", "1"] };
        await server.InitializeAsync();
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);

        RedisReplyException refused = await Assert.ThrowsAsync<RedisReplyException>(async () => await client.SendAsync(new RespCommand("INCR").Add("n"), Token));

        Assert.Equal("OOM", refused.Kind);
        Assert.Equal(
            "Redis refused INCR: OOM command not allowed when used memory > 'maxmemory'. The server is at its maxmemory. Work goes on by itself once there is room: drain or purge queues, or raise maxmemory.",
            refused.Message);
    }

    [Fact]
    public async Task ConnectAsync_OldServer_IsRefused()
    {
        await using ScriptedServer server = new(command => command == "INFO" ? ScriptedServer.Info("5.0.7") : "+PONG\r\n");

        Assert.Equal(
            $"ESS2105 Redis at {server.Address} is version 5.0.7; Essaim needs 6.0 or later. Update the server, or use Valkey.",
            await RefusalAsync($"redis://{server.Address}"));
    }

    [Fact]
    public async Task ConnectAsync_StillLoading_WaitsUntilItHas()
    {
        int asked = 0;
        await using ScriptedServer server = new(command =>
            command == "INFO" ? ScriptedServer.Info("7.0.1") : ++asked <= 3 ? "-LOADING Redis is loading the dataset in memory\r\n" : "+PONG\r\n");

        await using RedisClient client = await OwnServer.ConnectAsync($"redis://{server.Address}");

        Assert.Equal((4, new Version(7, 0, 1)), (asked, client.ServerVersion));
    }

    [Fact]
    public async Task SendAsync_NoAnswer_FailsAfterItsTime()
    {
        await using ScriptedServer server = new(command => command switch
        {
            "INFO" => ScriptedServer.Info("7.0.1"),
            "PING" => "+PONG\r\n",
            _ => "",
        });
        await using RedisClient client = await OwnServer.ConnectAsync($"redis://{server.Address}?socket_timeout=1");

        RedisConnectionException lost = await Assert.ThrowsAsync<RedisConnectionException>(async () => await client.SendAsync(new RespCommand("INCR").Add("n"), Token));

        Assert.Equal(
            "The connection to Redis was lost (no answer within 1 s) after INCR was sent and before it was answered: it may have been done.", lost.Message);
    }

    private static async Task<string> RefusalAsync(string url)
    {
        BackendException refused = await Assert.ThrowsAsync<BackendException>(() => OwnServer.ConnectAsync(url));
        return $"{refused.Code} {refused.Message}";
    }
}
