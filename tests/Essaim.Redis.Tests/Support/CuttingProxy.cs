using System.Net;
using System.Net.Sockets;

namespace Essaim.Redis.Tests;

/// <summary>A way to a server that can be cut: at once, or in the middle of a reply.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly int _target;
    private readonly Task _accepting;
    private readonly List<Task> _connections = [];
    private long _left = long.MaxValue;

    public CuttingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"redis://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/0";

    /// <summary>Cuts the connection that brings it once so many more bytes of replies have passed; the next connection is whole.</summary>
    public void CutAfter(int bytes) => Volatile.Write(ref _left, bytes);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_closing.Token)));
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        using (near)
        using (TcpClient far = new())
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, _closing.Token);
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            Task there = PumpAsync(near.GetStream(), far.GetStream(), false, end.Token);
            Task back = PumpAsync(far.GetStream(), near.GetStream(), true, end.Token);
            await Task.WhenAny(there, back);
            await end.CancelAsync();
            await Task.WhenAll(there, back);
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool replies, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[4096];
        try
        {
            int got;
            while ((got = await from.ReadAsync(buffer, cancellationToken)) > 0)
            {
                long left = replies ? Volatile.Read(ref _left) : long.MaxValue;
                await to.WriteAsync(buffer.AsMemory(0, (int)Math.Min(got, left)), cancellationToken);
                if (left == long.MaxValue)
                    continue;
                Volatile.Write(ref _left, got >= left ? long.MaxValue : left - got);
                if (got >= left)
                    return;
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone: so is the way.
        }
    }
}
