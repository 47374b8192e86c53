using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Essaim.Cli.Tests;

/// <summary>A core on a Redis that goes away and comes back: its configuration is the last good one meanwhile.</summary>
public sealed class UpWithoutRedisTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();
    private Process? _redis;

    private string Broker => $"redis://127.0.0.1:{_port}/0?socket_timeout=2";

    public void Dispose()
    {
        StopRedis();
        _folder.Dispose();
    }

    [Fact]
    public async Task Up_RedisAway_StartsOnTheLastGoodCopy_AndFollowsAgain()
    {
        await File.WriteAllTextAsync(_folder["essaim.queues.yaml"], "revision: 1\nqueues: { scan: }\nroutes: { demo.*: scan }\n", TestContext.Current.CancellationToken);
        await StartRedisAsync();
        Assert.Equal(ExitCodes.Ok, (await CliRun.RunAsync(_folder.Path, "config", "publish", "--broker", Broker)).ExitCode);
        await using (CliRun first = await UpAsync())
        {
            await UntilAsync(first, "Version ");
            await first.SignalAsync("TERM");
            Assert.Equal(ExitCodes.Ok, (await first.EndAsync()).ExitCode);
        }

        StopRedis();
        await using CliRun second = await UpAsync();
        Assert.Matches("^fallback \\(last good of [0-9: -]+Z, version [0-9.]+\\): ", await UntilAsync(second, "fallback"));

        await StartRedisAsync();
        Assert.Equal(ExitCodes.Ok, (await CliRun.RunAsync(_folder.Path, "config", "publish", "--force", "--broker", Broker)).ExitCode);
        await UntilAsync(second, "Version ");
    }

    private async Task<CliRun> UpAsync()
    {
        CliRun up = CliRun.Start(_folder.Path, "up", "--broker", Broker, "--no-worker", "--url", "http://127.0.0.1:0", "--data", _folder["core"]);
        await up.WaitForErrorsAsync("Ctrl-C stops it.");
        return up;
    }

    private static async Task<string> UntilAsync(CliRun up, string begin)
    {
        string url = up.Errors[up.Errors.IndexOf("http://", StringComparison.Ordinal)..].Split('\n')[0];
        using HttpClient http = new() { BaseAddress = new Uri(url) };
        while (true)
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri("/healthz", UriKind.Relative), TestContext.Current.CancellationToken);
            using JsonDocument health = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            string detail = health.RootElement.GetProperty("parts").EnumerateArray().Single(part => part.GetProperty("name").GetString() == "configuration").GetProperty("detail").GetString()!;
            if (detail.StartsWith(begin, StringComparison.Ordinal))
                return detail;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private async Task StartRedisAsync()
    {
        ProcessStartInfo start = new("redis-server", ["--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--dir", _folder.Path]) { RedirectStandardOutput = true };
        _redis = Process.Start(start)!;
        while (await _redis.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
                break;
        }

        _ = _redis.StandardOutput.ReadToEndAsync(CancellationToken.None);
    }

    private void StopRedis()
    {
        if (_redis is null)
            return;
        _redis.Kill();
        _redis.WaitForExit();
        _redis.Dispose();
        _redis = null;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
