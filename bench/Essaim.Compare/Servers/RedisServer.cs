using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Essaim.Compare;

/// <summary>A redis-server of our own: a free port, its own folder, nothing written to disk unless asked for.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly SideProgram _program;

    private RedisServer(SideProgram program, int port, string folder)
    {
        _program = program;
        Port = port;
        Folder = folder;
    }

    public int Port { get; }

    public string Folder { get; }

    public int ProcessId => _program.Id;

    /// <param name="folder">Where it works; a <c>dump.rdb</c> there is what it begins with.</param>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    public static async Task<RedisServer> StartAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        int port = FreePort();
        SideProgram program = SideProgram.Start(
            "redis-server",
            ["--port", Text(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"]);
        RedisServer server = new(program, port, folder);
        long begin = Stopwatch.GetTimestamp();
        while (!Answers(port))
        {
            if (program.HasExited || Stopwatch.GetElapsedTime(begin) > TimeSpan.FromMinutes(2))
                throw new InvalidOperationException($"redis-server did not start on port {port}. It said: {program.Complaints}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        return server;
    }

    public RawRedis Connect() => RawRedis.Connect(Port);

    public void Empty()
    {
        using RawRedis redis = Connect();
        redis.Send("FLUSHALL");
        redis.Send("SCRIPT", "FLUSH");
    }

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private static bool Answers(int port)
    {
        try
        {
            using RawRedis redis = RawRedis.Connect(port);
            redis.Write(RawRedis.Command("PING"));
            return redis.ReadReply() is "PONG";
        }
        catch (Exception error) when (error is SocketException or InvalidOperationException)
        {
            // Not listening yet, or still loading its dump: asked again until the deadline above.
            return false;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
