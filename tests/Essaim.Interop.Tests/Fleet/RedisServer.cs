using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Essaim.Interop.Tests;

/// <summary>A Redis of a test class's own, on a free port, keeping what it keeps in its own folder.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-interop-").FullName;
    private readonly bool _durable;
    private RunningProgram _program;

    private RedisServer(int port, bool durable)
    {
        Port = port;
        _durable = durable;
        _program = Start();
    }

    public int Port { get; }

    public string Url(int database = 0) => $"redis://127.0.0.1:{Port}/{database}";

    /// <summary>Starts one.</summary>
    /// <param name="durable">Every write is on the disk before it is answered.</param>
    public static async Task<RedisServer> StartAsync(bool durable = false)
    {
        RedisServer server = new(FreePort(), durable);
        await server._program.WaitForLineAsync("Ready to accept connections");
        return server;
    }

    /// <summary>Lets it answer nobody for a while, as a machine that hangs does.</summary>
    public async Task FreezeAsync(TimeSpan span)
    {
        await SignalAsync("-STOP");
        await Task.Delay(span, TimeProvider.System, CancellationToken.None);
        await SignalAsync("-CONT");
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [signal, _program.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Kills it as a power cut would, and starts it again on what the disk has.</summary>
    public async Task CrashAsync()
    {
        await _program.DisposeAsync();
        _program = Start();
        await _program.WaitForLineAsync("Ready to accept connections");
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private RunningProgram Start() => new RunningProgram(
        "redis-server",
        [
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder, "--save", "",
            "--appendonly", _durable ? "yes" : "no", "--appendfsync", "always",
        ],
        new Dictionary<string, string?>()).WithOutputAsTalk();

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
