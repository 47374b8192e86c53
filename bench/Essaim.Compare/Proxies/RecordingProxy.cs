using System.Net;
using System.Net.Sockets;

namespace Essaim.Compare;

/// <summary>Stands between one worker and Redis, and keeps what both say.</summary>
internal sealed class RecordingProxy : IDisposable
{
    private const int ChunkSize = 1 << 18;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;

    public RecordingProxy(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Start(Accept);
    }

    public int Port { get; }

    public Recording Recording { get; } = new();

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket worker = _listener.AcceptSocket();
                worker.NoDelay = true;
                Socket redis = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                redis.Connect(IPAddress.Loopback, _target);
                RecordedConnection connection = Recording.Open();
                Start(() => Carry(worker, redis, bytes => Recording.Send(connection, bytes)));
                Start(() => Carry(redis, worker, bytes => Recording.Receive(connection, bytes)));
            }
        }
        catch (SocketException)
        {
            // The listener was closed: no more connections.
        }
    }

    private static void Carry(Socket from, Socket to, Action<byte[]> keep)
    {
        byte[] buffer = new byte[ChunkSize];
        try
        {
            for (int count = from.Receive(buffer); count > 0; count = from.Receive(buffer))
            {
                byte[] bytes = buffer[..count];
                keep(bytes);
                for (int sent = 0; sent < count;)
                    sent += to.Send(bytes.AsSpan(sent));
            }
        }
        catch (SocketException)
        {
            // The worker was killed or Redis ended: so does this connection.
        }

        to.Close();
    }

    private static void Start(ThreadStart work) => new Thread(work, maxStackSize: 1 << 18) { IsBackground = true }.Start();
}
