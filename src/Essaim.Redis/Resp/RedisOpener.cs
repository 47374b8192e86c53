using System.Net;
using System.Net.Sockets;

namespace Essaim.Redis;

/// <summary>Makes connections that are ready for commands: connected, encrypted, signed in, on their database; the master, where sentinels watch one.</summary>
internal sealed class RedisOpener(RedisUrl url)
{
    private static readonly Version Oldest = new(6, 0);
    private readonly Tls? _tls = url.Tls ? new Tls(url) : null;

    /// <summary>Opens one connection.</summary>
    /// <exception cref="BackendException"><c>ESS2102</c> to <c>ESS2108</c>: why it cannot be used.</exception>
    public async ValueTask<RedisConnection> OpenAsync(CancellationToken cancellationToken, Action<RespReply>? onPush = null)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(url.ConnectTimeout);
        string address = url.SocketPath ?? string.Join(", ", url.Hosts);
        try
        {
            RedisHost? host = null;
            if (url.SocketPath is null)
            {
                host = url.MasterName is null ? url.Hosts[0] : await Sentinels.FindMasterAsync(url, patience.Token);
                address = host.Value.ToString();
            }

            return await OpenAsync(host, address, onPush, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(address, $"no answer within {url.ConnectTimeout.TotalSeconds:0.#} s", null);
        }
        catch (Exception error) when (error is SocketException or IOException or ConnectionLostException)
        {
            // The address is said once.
            string why = error is SocketException socket ? new SocketException((int)socket.SocketErrorCode).Message : error.Message;
            throw Unreachable(address, why, error);
        }
    }

    /// <summary>The server's version; from what INFO says.</summary>
    /// <exception cref="BackendException"><c>ESS2105</c> too old, <c>ESS2106</c> no Redis.</exception>
    public async ValueTask<Version> CheckVersionAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(url.ConnectTimeout);
        try
        {
            return await AskVersionAsync(connection, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(connection.Address, $"no answer within {url.ConnectTimeout.TotalSeconds:0.#} s", null);
        }
        catch (ConnectionLostException lost)
        {
            throw Unreachable(connection.Address, lost.Message, lost);
        }
    }

    private static async ValueTask<Version> AskVersionAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        using RespCommand command = new RespCommand("INFO").Add("server");
        RespReply reply = await connection.SendAsync(command.Encode().Span, cancellationToken);
        if (reply.Kind == RespKind.Error)
            throw Refused(connection.Address, reply.AsText()!);
        string info = reply.AsText() ?? "";
        const string Name = "redis_version:";
        int start = info.IndexOf(Name, StringComparison.Ordinal);
        string text = start < 0 ? "" : info[(start + Name.Length)..].Split('\r', '\n')[0];
        if (!Version.TryParse(text.Split('-')[0], out Version? version))
            throw new BackendException("ESS2106", $"What answers at {connection.Address} does not say which Redis it is. Check host and port of the broker URL.");
        if (version < Oldest)
        {
            throw new BackendException(
                "ESS2105", $"Redis at {connection.Address} is version {text}; Essaim needs 6.0 or later. Update the server, or use Valkey.");
        }

        return version;
    }

    /// <summary>
    /// Connects with calls that block, on a thread that may: a socket that was ever used asynchronously is read through a thread that waits for
    /// all sockets, which would then have to wake the one that waits for this.
    /// </summary>
    private async ValueTask<RedisConnection> OpenAsync(RedisHost? host, string address, Action<RespReply>? onPush, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = host is { } to ? await Dns.GetHostAddressesAsync(to.Name, cancellationToken) : [];
        return await Task.Run(() => Open(host, addresses, address, onPush, cancellationToken), CancellationToken.None);
    }

    private RedisConnection Open(RedisHost? host, IPAddress[] addresses, string address, Action<RespReply>? onPush, CancellationToken cancellationToken)
    {
        Stream? stream = null;
        try
        {
            stream = Connect(host, addresses, cancellationToken);
            using CancellationTokenRegistration impatience = cancellationToken.Register(static state => ((Stream)state!).Dispose(), stream);
            if (_tls is not null)
                stream = _tls.Authenticate(stream, host?.Name ?? "localhost", address);
            Greet(stream, address);
        }
        catch (Exception error)
        {
            stream?.Dispose();
            if (cancellationToken.IsCancellationRequested)
                throw new OperationCanceledException(error.Message, error, cancellationToken);
            throw;
        }

        if (!cancellationToken.IsCancellationRequested)
            return new RedisConnection(stream, address, onPush);
        stream.Dispose();
        throw new OperationCanceledException(cancellationToken);
    }

    private NetworkStream Connect(RedisHost? host, IPAddress[] addresses, CancellationToken cancellationToken)
    {
        Socket socket = host is null
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using CancellationTokenRegistration impatience = cancellationToken.Register(static state => ((Socket)state!).Dispose(), socket);
            if (host is not { } to)
            {
                socket.Connect(new UnixDomainSocketEndPoint(url.SocketPath!));
                return new NetworkStream(socket, ownsSocket: true);
            }

            socket.Connect(addresses, to.Port);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private List<RespCommand> Greeting()
    {
        List<RespCommand> commands = [];
        if (url.Options.GetValueOrDefault("protocol") == "3")
        {
            RespCommand hello = new RespCommand("HELLO").Add(3);
            if (url.Password is { } secret)
                hello.Add("AUTH"u8).Add(url.User ?? "default").Add(secret);
            commands.Add(hello);
        }
        else if (url.Password is { } password)
        {
            commands.Add(url.User is { } user ? new RespCommand("AUTH").Add(user).Add(password) : new RespCommand("AUTH").Add(password));
        }

        if (url.Database != 0)
            commands.Add(new RespCommand("SELECT").Add(url.Database));
        if (url.Options.GetValueOrDefault("client_name") is { Length: > 0 } name)
            commands.Add(new RespCommand("CLIENT").Add("SETNAME"u8).Add(name));
        // So that a server that wants a password says so now.
        commands.Add(new RespCommand("PING"));
        return commands;
    }

    private void Greet(Stream stream, string address)
    {
        byte[] buffer = new byte[4096];
        foreach (RespCommand command in Greeting())
        {
            using (command)
            {
                stream.Write(command.Encode().Span);
                RespFraming framing = default;
                int end = 0;
                while (true)
                {
                    if (end == buffer.Length)
                        throw new BackendException("ESS2106", $"What answers at {address} does not greet as Redis does. Check host and port of the broker URL.");
                    int got = stream.Read(buffer.AsSpan(end));
                    if (got == 0)
                        throw new IOException("the server closed the connection");
                    end += got;
                    if (framing.Find(buffer.AsSpan(0, end)) < 0)
                        continue;
                    RespReply reply = new(buffer.AsMemory(0, end));
                    if (reply.Kind is RespKind.Error or RespKind.BulkError)
                        throw Refused(address, reply.AsText()!);
                    break;
                }
            }
        }
    }

    private BackendException Unreachable(string address, string why, Exception? inner) => new(
        "ESS2102",
        $"Redis at {address} cannot be reached: {why.TrimEnd('.')}. Is the server running, is {url.Display} its address, and may this machine connect to it?",
        inner)
    {
        // A name nobody knows is a mistake in the URL; a machine whose network is not up yet hears that it should try again.
        MayPass = inner is not SocketException { SocketErrorCode: SocketError.HostNotFound },
    };

    internal static EssaimException Refused(string address, string text) => RedisReplyException.KindOf(text) switch
    {
        "NOAUTH" or "WRONGPASS" or "DENIED" => new BackendException(
            "ESS2103", $"Redis at {address} does not let this user in: {text} Give the right user and password in the broker URL: redis://USER:PASSWORD@HOST."),
        "NOPERM" => new BackendException(
            "ESS2104", $"Redis at {address} does not allow this user what Essaim needs: {text} Give the user the right to it (ACL SETUSER)."),
        "LOADING" => new LoadingException(text),
        "ERR" when text.Contains("AUTH", StringComparison.Ordinal) => new BackendException(
            "ESS2103", $"Redis at {address} does not let this user in: {text} Take user and password out of the broker URL, or set them on the server."),
        _ => new BackendException("ESS2106", $"Redis at {address} does not take this connection: {text}. Check the broker URL."),
    };
}

/// <summary>The server still loads its data; it is asked again.</summary>
internal sealed class LoadingException(string text) : EssaimException("ESS2109", text);
