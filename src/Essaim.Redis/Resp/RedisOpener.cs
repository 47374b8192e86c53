using System.Net.Sockets;
using System.Security.Authentication;

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
            throw Unreachable(address, error.Message, error);
        }
        catch (AuthenticationException error)
        {
            throw new BackendException(
                "ESS2107",
                $"Redis at {address} could not be trusted: {error.Message} Name the authority that signed its certificate with ssl_ca_certs=FILE in the broker URL, and use the host name the certificate is for.",
                error);
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

    private async ValueTask<RedisConnection> OpenAsync(RedisHost? host, string address, Action<RespReply>? onPush, CancellationToken cancellationToken)
    {
        Stream stream = await ConnectAsync(host, cancellationToken);
        RedisConnection? connection = null;
        try
        {
            if (_tls is not null)
                stream = await _tls.AuthenticateAsync(stream, host?.Name ?? "localhost", cancellationToken);
            if (onPush is null)
            {
                connection = new RedisConnection(stream, address);
                await GreetAsync(connection, cancellationToken);
                return connection;
            }

            // A subscriber's connection hands everything on, so its greeting is made by hand before.
            await GreetAsync(stream, address, cancellationToken);
            return new RedisConnection(stream, address, onPush);
        }
        catch
        {
            if (connection is not null)
                await connection.DisposeAsync();
            else
                await stream.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<Stream> ConnectAsync(RedisHost? host, CancellationToken cancellationToken)
    {
        Socket socket = host is null
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (host is not { } to)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(url.SocketPath!), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }

            await socket.ConnectAsync(to.Name, to.Port, cancellationToken);
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

    private async ValueTask GreetAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        foreach (RespCommand command in Greeting())
        {
            using (command)
            {
                RespReply reply = await connection.SendAsync(command.Encode().Span, cancellationToken);
                if (reply.Kind is RespKind.Error or RespKind.BulkError)
                    throw Refused(connection.Address, reply.AsText()!);
            }
        }
    }

    private async ValueTask GreetAsync(Stream stream, string address, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[4096];
        foreach (RespCommand command in Greeting())
        {
            using (command)
            {
                await stream.WriteAsync(command.Encode(), cancellationToken);
                RespFraming framing = default;
                int end = 0;
                while (true)
                {
                    if (end == buffer.Length)
                        throw new BackendException("ESS2106", $"What answers at {address} does not greet as Redis does. Check host and port of the broker URL.");
                    int got = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
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
        inner);

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
