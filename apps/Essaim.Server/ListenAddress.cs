using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Essaim.Server;

/// <summary>Where the core listens.</summary>
/// <param name="Addresses">Addresses to bind; <c>localhost</c> is both 127.0.0.1 and ::1.</param>
/// <param name="Port">The port; 0 takes a free one.</param>
internal sealed record ListenAddress(IReadOnlyList<IPAddress> Addresses, int Port)
{
    /// <exception cref="ServerException"><c>ESS5001</c>: not loopback; <c>ESS5002</c>: not a URL to listen on.</exception>
    public static ListenAddress Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
        {
            throw new ServerException(
                "ESS5002", $"'{url}' is not an address the core can listen on. Give it as http://ADDRESS:PORT, such as http://127.0.0.1:8000.");
        }

        IPAddress[] addresses = uri.Host == "localhost"
            ? [IPAddress.Loopback]
            : IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? address) ? [address] : [];
        if (addresses.Length == 0 || !addresses.All(IPAddress.IsLoopback))
        {
            throw new ServerException(
                "ESS5001",
                $"The core does not listen on '{uri.Host}': everyone on the network could reach it, and no authentication is configured. Listen on 127.0.0.1 "
                + "and let a reverse proxy or an SSH tunnel carry it further.");
        }

        return new ListenAddress(addresses, uri.Port);
    }

    /// <summary>Finds a taken port before any file is made.</summary>
    /// <exception cref="ServerException"><c>ESS5003</c>.</exception>
    public void CheckFree()
    {
        foreach (IPAddress address in Addresses.Where(_ => Port != 0))
        {
            using TcpListener listener = new(address, Port);
            try
            {
                listener.Start();
            }
            catch (SocketException error)
            {
                throw Taken(error);
            }
        }
    }

    public ServerException Taken(Exception error) => new(
        "ESS5003",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The core cannot listen on {Addresses[0]}:{Port} ({(error as SocketException ?? error.GetBaseException()).Message}). Is it running already? Stop the other program, or choose another port."),
        error);
}
