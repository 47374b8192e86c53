using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Redis.Tests;

/// <summary>A Redis server for one test class, on a free loopback port, without persistence.</summary>
public sealed class OwnServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-redis-").FullName;
    private Process? _process;
    private Task _draining = Task.CompletedTask;

    public int Port { get; private set; }

    public string Url => $"redis://127.0.0.1:{Port}/0";

    public async ValueTask InitializeAsync()
    {
        Port = FreePort();
        ProcessStartInfo start = new("redis-server")
        {
            ArgumentList = { "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--dir", _folder },
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
                break;
        }

        _draining = _process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>A client of the emptied server.</summary>
    internal async Task<RedisClient> ConnectEmptyAsync(TimeProvider time)
    {
        RedisClient client = await RedisClient.ConnectAsync(RedisUrl.Parse(Url), time, NullLogger.Instance, TestContext.Current.CancellationToken);
        await client.SendAsync(new RespCommand("FLUSHALL"), TestContext.Current.CancellationToken);
        return client;
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

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
