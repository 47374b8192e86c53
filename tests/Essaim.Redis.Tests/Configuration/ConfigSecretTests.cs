using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Redis.Tests;

/// <summary>No secret reaches Redis: all that is sent, and all that is kept, is looked through.</summary>
public sealed class ConfigSecretTests(OwnServer server) : IClassFixture<OwnServer>
{
    private const string InEnvironment = "hunter2-from-the-environment", InFile = "hunter3-from-a-file";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publish_ReferencesToSecrets_NothingOfThemReachesRedis()
    {
        string folder = Directory.CreateTempSubdirectory("essaim-secret-").FullName;
        string variable = $"ESSAIM_TEST_SECRET_{Environment.ProcessId}";
        Environment.SetEnvironmentVariable(variable, InEnvironment);
        await File.WriteAllTextAsync(Path.Combine(folder, "secret"), InFile + "\n", Stop);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "c.yaml"),
            $"revision: 1\nqueues: {{ scan: }}\nbase:\n  smtp_password: ${{env:{variable}}}\n  api_token: ${{file:{folder}/secret}}\n  smtp_url: smtp://me:${{env:{variable}}}@mail\n", Stop);
        using TcpClient monitor = new("127.0.0.1", server.Port);
        await monitor.GetStream().WriteAsync("MONITOR\r\n"u8.ToArray(), Stop);
        await using IBackend backend = await server.OpenEmptyAsync(TimeProvider.System);

        ConfigSource source = ConfigSource.Load(Path.Combine(folder, "c.yaml"), null);
        await new ConfigPublisher(backend.Configuration, "w@h", NullLogger.Instance).OfferAsync(source, Stop);
        FleetConfiguration read = FleetConfiguration.Read((await backend.Configuration.ReadAsync(Stop))!);

        Assert.Equal((InEnvironment, InFile), (read.GetSetting<string>("smtp_password"), read.GetSetting<string>("api_token")));
        Assert.Equal($"smtp://me:{InEnvironment}@mail", read.GetSetting<string>("smtp_url"));
        string sent = await ReadUntilAsync(monitor.GetStream(), "PUBLISH");
        Assert.Contains("smtp_password", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", await KeptAsync(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>What the monitor tells, up to the end of the publication.</summary>
    private static async Task<string> ReadUntilAsync(NetworkStream stream, string last)
    {
        StringBuilder text = new();
        byte[] buffer = new byte[64 * 1024];
        while (!text.ToString().Contains($"\"{last}\"", StringComparison.OrdinalIgnoreCase))
            text.Append(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, Stop)));
        return text.ToString();
    }

    private async Task<string> KeptAsync()
    {
        const string Script = """
            local all = {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
              local kind = redis.call('TYPE', key).ok
              local value = kind == 'hash' and redis.call('HGETALL', key) or kind == 'list' and redis.call('LRANGE', key, 0, -1) or kind == 'string' and {redis.call('GET', key)} or {}
              for _, part in ipairs(value) do all[#all + 1] = part end
            end
            return table.concat(all, '\n')
            """;
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        return (await client.SendAsync(new RespCommand("EVAL").Add(Script).Add(0), Stop)).AsText()!;
    }
}
