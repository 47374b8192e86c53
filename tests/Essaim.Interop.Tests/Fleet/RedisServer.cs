using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Essaim.Interop.Tests;

/// <summary>A Redis of a test class's own, on a free port, keeping nothing but in its own folder.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-interop-").FullName;
    private readonly RunningProgram _program;

    private RedisServer(int port)
    {
        Port = port;
        _program = new RunningProgram(
            "redis-server",
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder],
            new Dictionary<string, string?>()).WithOutputAsTalk();
    }

    public int Port { get; }

    public string Url(int database = 0) => $"redis://127.0.0.1:{Port}/{database}";

    public static async Task<RedisServer> StartAsync()
    {
        RedisServer server = new(FreePort());
        await server._program.WaitForLineAsync("Ready to accept connections");
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
