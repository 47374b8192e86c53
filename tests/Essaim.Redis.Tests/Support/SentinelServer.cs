using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Essaim.Redis.Tests;

/// <summary>A sentinel that watches one master under the name <c>m</c>.</summary>
internal sealed class SentinelServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-sentinel-").FullName;
    private Process? _process;
    private Task _draining = Task.CompletedTask;

    public int Port { get; private set; }

    public static async Task<SentinelServer> StartAsync(int masterPort)
    {
        SentinelServer sentinel = new();
        using (TcpListener listener = new(IPAddress.Loopback, 0))
        {
            listener.Start();
            sentinel.Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        string file = Path.Combine(sentinel._folder, "sentinel.conf");
        await File.WriteAllTextAsync(
            file,
            $"port {sentinel.Port}\nbind 127.0.0.1\nsentinel monitor m 127.0.0.1 {masterPort} 1\nsentinel failover-timeout m 5000\n",
            TestContext.Current.CancellationToken);
        sentinel._process = Process.Start(new ProcessStartInfo("redis-server", [file, "--sentinel"]) { WorkingDirectory = sentinel._folder, RedirectStandardOutput = true })!;
        while (await sentinel._process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains("+monitor", StringComparison.Ordinal))
                break;
        }

        sentinel._draining = sentinel._process.StandardOutput.ReadToEndAsync();
        return sentinel;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            await _draining;
            _process.Dispose();
        }

        Directory.Delete(_folder, true);
    }
}
