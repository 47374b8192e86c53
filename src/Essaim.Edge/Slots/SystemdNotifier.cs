using System.Net.Sockets;
using System.Text;

namespace Essaim.Edge;

/// <summary>Tells systemd how a service is, by a datagram to the socket it names; without one nothing is told.</summary>
internal sealed class SystemdNotifier : IDisposable
{
    private readonly Socket? _socket;

    /// <param name="path">The value of <c>NOTIFY_SOCKET</c>; null without systemd.</param>
    public SystemdNotifier(string? path)
    {
        if (string.IsNullOrEmpty(path))
            return;
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            // An abstract name is written with @ and begins with a zero.
            _socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        }
        catch (SocketException)
        {
            _socket.Dispose();
            _socket = null;
        }
    }

    public void Ready() => Tell("READY=1");

    public void Stopping() => Tell("STOPPING=1");

    public void FeedWatchdog() => Tell("WATCHDOG=1");

    public void Dispose() => _socket?.Dispose();

    private void Tell(string text)
    {
        try
        {
            _socket?.Send(Encoding.ASCII.GetBytes(text));
        }
        catch (SocketException)
        {
            // systemd restarts what it no longer hears of; there is nothing better to do.
        }
    }
}
