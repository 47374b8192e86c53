using System.Net.Sockets;

namespace Essaim.Edge;

/// <summary>Makes the stream to a broker: name, connection, TLS.</summary>
internal static class MqttDialer
{
    /// <exception cref="MqttException"><c>ESS6101</c> not reached, <c>ESS6103</c> not trusted, <c>ESS6106</c> no certificate file.</exception>
    public static async ValueTask<Stream> DialAsync(MqttOptions options, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, cancellationToken);
            Stream plain = new NetworkStream(socket, ownsSocket: true);
            return options.Tls is null ? plain : await options.Tls.AuthenticateAsync(plain, options.Host, options.Address, cancellationToken);
        }
        catch (Exception error)
        {
            socket.Dispose();
            if (error is SocketException or IOException)
                throw MqttException.Unreachable(options.Address, error is SocketException refused ? new SocketException((int)refused.SocketErrorCode).Message : error.Message, error);
            throw;
        }
    }
}
