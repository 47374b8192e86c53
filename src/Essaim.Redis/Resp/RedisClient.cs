using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Essaim.Redis;

/// <summary>
/// A Redis server, whatever happens to the connections to it: commands of all callers on one connection, blocking commands on others, and one
/// that listens. Safe on all threads.
/// </summary>
internal sealed partial class RedisClient : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWatch = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly RedisOpener _opener;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentBag<RedisConnection> _idleBlocking = [];
    private readonly ITimer _watch;
    private RedisConnection? _connection;
    private Task<RedisConnection>? _connecting;
    private RedisSubscriber? _subscriber;
    private Exception? _lastFault;

    private RedisClient(RedisUrl url, ILogger logger)
    {
        Url = url;
        _opener = new RedisOpener(url);
        _logger = logger;
        // Each look wakes an idle program: no oftener than the limit asks for.
        TimeSpan period = url.CommandTimeout / 4;
        period = period < ShortestWatch ? ShortestWatch : period > LongestWatch ? LongestWatch : period;
        _watch = TimeProvider.System.CreateTimer(_ => DropIfStuck(), null, Rhythm.UntilNext(period, TimeProvider.System), period);
    }

    public RedisUrl Url { get; }

    public Version ServerVersion { get; private set; } = new(0, 0);

    /// <summary>Connects and looks at what answers. Time is the machine's own, whatever clock a test has: connections know no other.</summary>
    /// <param name="url">Where.</param>
    /// <param name="logger">Logger.</param>
    /// <param name="mayBeAway">A server that does not answer is waited for by the first command.</param>
    /// <param name="cancellationToken">Stops trying.</param>
    /// <exception cref="BackendException"><c>ESS21xx</c>: it cannot be used; the text says why.</exception>
    public static async ValueTask<RedisClient> ConnectAsync(RedisUrl url, ILogger logger, bool mayBeAway, CancellationToken cancellationToken)
    {
        RedisClient client = new(url, logger);
        try
        {
            long start = TimeProvider.System.GetTimestamp();
            while (true)
            {
                try
                {
                    RedisConnection connection = await client._opener.OpenAsync(cancellationToken);
                    client._connection = connection;
                    client.ServerVersion = await client._opener.CheckVersionAsync(connection, cancellationToken);
                    return client;
                }
                catch (BackendException away) when (mayBeAway && away.MayPass)
                {
                    client._lastFault = away;
                    client.LogUnreachable(away.Message);
                    return client;
                }
                catch (LoadingException) when (mayBeAway)
                {
                    return client;
                }
                catch (LoadingException) when (TimeProvider.System.GetElapsedTime(start) < url.CommandTimeout)
                {
                    await Task.Delay(RetryPause, TimeProvider.System, cancellationToken);
                }
                catch (LoadingException loading)
                {
                    throw new BackendException(
                        "ESS2109", $"Redis of {url.Display} still loads its data after {url.CommandTimeout.TotalSeconds:0.#} s: {loading.Message} Wait until it has, and start again.")
                    {
                        MayPass = true,
                    };
                }
            }
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Sends a command on the shared connection and disposes it. Connects anew where that is needed, for as long as a command may take; a command
    /// that may have been done already is sent a second time only if it is idempotent.
    /// </summary>
    /// <exception cref="RedisReplyException"><c>ESS2110</c>: Redis answered with an error.</exception>
    /// <exception cref="RedisConnectionException"><c>ESS2111</c>: no connection, or it was lost.</exception>
    public ValueTask<RespReply> SendAsync(RespCommand command, CancellationToken cancellationToken) => SendAsync(command, null, cancellationToken);

    /// <summary>Calls a script begun with <see cref="RedisScript.Call"/>; where the server does not have it, it is loaded first.</summary>
    public ValueTask<RespReply> EvalAsync(RedisScript script, RespCommand call, CancellationToken cancellationToken) => SendAsync(call, script, cancellationToken);

    /// <summary>Sends a blocking command on a connection of its own, and disposes it. Cancelling ends that connection.</summary>
    /// <param name="command">Such as BRPOP.</param>
    /// <param name="serverTimeout">How long the server may hold it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<RespReply> SendBlockingAsync(RespCommand command, TimeSpan serverTimeout, CancellationToken cancellationToken)
    {
        using (command)
        {
            RedisConnection connection = await RentBlockingAsync(cancellationToken);
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
            patience.CancelAfter(serverTimeout + Url.CommandTimeout);
            bool answered = false;
            try
            {
                RespReply reply = await connection.SendAsync(command.Encode().Span, patience.Token);
                answered = true;
                return reply.Kind is RespKind.Error or RespKind.BulkError ? throw new RedisReplyException(command.Name, reply.AsText()!) : reply;
            }
            catch (ConnectionLostException lost)
            {
                throw Lost(command, lost, false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new RedisConnectionException($"Redis at {connection.Address} did not answer {command.Name} in time.", true, null);
            }
            finally
            {
                if (answered && !_closing.IsCancellationRequested)
                    _idleBlocking.Add(connection);
                else
                    await connection.DisposeAsync();
            }
        }
    }

    /// <summary>A connection of the caller's own, who closes it.</summary>
    /// <exception cref="BackendException">As <see cref="ConnectAsync"/>.</exception>
    public ValueTask<RedisConnection> OpenOwnAsync(CancellationToken cancellationToken) => _opener.OpenAsync(cancellationToken);

    /// <summary>The connection that listens; opened on first use.</summary>
    public async ValueTask<RedisSubscriber> GetSubscriberAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        RedisSubscriber subscriber;
        lock (_gate)
            subscriber = _subscriber ??= new RedisSubscriber(_opener, Url, _logger, _closing.Token);
        await subscriber.StartedAsync(cancellationToken);
        return subscriber;
    }

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        await _closing.CancelAsync();
        await _watch.DisposeAsync();
        if (_subscriber is not null)
            await _subscriber.Ended;
        if (_connecting is { } connecting)
            await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_connection is { } connection)
            await connection.DisposeAsync();
        while (_idleBlocking.TryTake(out RedisConnection? blocking))
            await blocking.DisposeAsync();
    }

    private async ValueTask<RespReply> SendAsync(RespCommand command, RedisScript? script, CancellationToken cancellationToken)
    {
        using (command)
        {
            bool mayHaveBeenDone = false;
            int losses = 0;
            for (long start = TimeProvider.System.GetTimestamp(); ;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                RedisConnection connection = await GetConnectionAsync(command, start, mayHaveBeenDone, cancellationToken);
                RespReply reply;
                try
                {
                    reply = await connection.SendAsync(command.Encode().Span, cancellationToken, command.GoesOnHere);
                }
                catch (ConnectionLostException lost) when ((!lost.Sent || command.IsIdempotent) && !_closing.IsCancellationRequested && IsTimeLeft(start))
                {
                    mayHaveBeenDone |= lost.Sent;
                    // A server that ends every connection must not be hurried.
                    if (++losses > 1)
                        await Task.Delay(Pause(losses - 1), TimeProvider.System, cancellationToken);
                    continue;
                }
                catch (ConnectionLostException lost)
                {
                    throw Lost(command, lost, mayHaveBeenDone);
                }

                if (reply.Kind is not (RespKind.Error or RespKind.BulkError))
                    return reply;
                RedisReplyException refusal = new(script is null ? command.Name : "a script", reply.AsText()!);
                if (refusal.Kind == "NOSCRIPT" && script is not null && IsTimeLeft(start))
                {
                    using RespCommand load = new RespCommand("SCRIPT", sizeHint: script.Text.Length + 64).Add("LOAD"u8).Add(script.Text);
                    await LoadAsync(connection, load, cancellationToken);
                    continue;
                }

                if (!CanPass(refusal, connection) || !IsTimeLeft(start))
                    throw refusal;
                await Task.Delay(RetryPause, TimeProvider.System, cancellationToken);
            }
        }
    }

    private bool IsTimeLeft(long start) => TimeProvider.System.GetElapsedTime(start) < Url.CommandTimeout;

    private static async ValueTask LoadAsync(RedisConnection connection, RespCommand load, CancellationToken cancellationToken)
    {
        try
        {
            RespReply reply = await connection.SendAsync(load.Encode().Span, cancellationToken);
            if (reply.Kind is RespKind.Error or RespKind.BulkError)
                throw new RedisReplyException("SCRIPT LOAD", reply.AsText()!);
        }
        catch (ConnectionLostException)
        {
            // The command itself is sent again next, on another connection.
        }
    }

    /// <summary>Answers that mean "not now": the command was not done.</summary>
    private static bool CanPass(RedisReplyException refusal, RedisConnection connection)
    {
        switch (refusal.Kind)
        {
            case "LOADING" or "BUSY" or "TRYAGAIN":
                return true;
            case "READONLY" or "MASTERDOWN":
                // A failover made this server a replica: the next connection finds the master.
                connection.Abort(new IOException(refusal.Text));
                return true;
            default:
                return false;
        }
    }

    private ValueTask<RedisConnection> GetConnectionAsync(RespCommand command, long start, bool mayHaveBeenDone, CancellationToken cancellationToken) =>
        Volatile.Read(ref _connection) is { IsOpen: true } open ? new(open) : WaitForConnectionAsync(command, start, mayHaveBeenDone, cancellationToken);

    private async ValueTask<RedisConnection> WaitForConnectionAsync(RespCommand command, long start, bool mayHaveBeenDone, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        Task<RedisConnection> connecting;
        lock (_gate)
        {
            if (_connection is { IsOpen: true } open)
                return open;
            if (_connecting is null or { IsCompleted: true })
                _connecting = Task.Run(ReconnectAsync, CancellationToken.None);
            connecting = _connecting;
        }

        TimeSpan left = Url.CommandTimeout - TimeProvider.System.GetElapsedTime(start);
        try
        {
            return await connecting.WaitAsync(left < TimeSpan.Zero ? TimeSpan.Zero : left, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            string fate = mayHaveBeenDone ? "was sent and not answered (it may have been done), and could not be sent again" : "was not sent";
            throw new RedisConnectionException(
                $"{command.Name} {fate}: {_lastFault?.Message ?? "there is no connection to Redis."} It was tried for {Url.CommandTimeout.TotalSeconds:0.#} s.",
                mayHaveBeenDone, _lastFault);
        }
    }

    private async Task<RedisConnection> ReconnectAsync()
    {
        for (int failures = 0; ;)
        {
            try
            {
                RedisConnection connection = await _opener.OpenAsync(_closing.Token);
                if (ServerVersion.Major == 0)
                    ServerVersion = await _opener.CheckVersionAsync(connection, _closing.Token);
                Volatile.Write(ref _connection, connection);
                LogConnected(connection.Address);
                return connection;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                if (failures++ == 0)
                    LogUnreachable(error.Message);
                _lastFault = error;
                await Task.Delay(Pause(failures), TimeProvider.System, _closing.Token);
            }
        }
    }

    /// <summary>50 ms, doubled each time up to 5 s, less a random part of up to a half.</summary>
    internal static TimeSpan Pause(int failures) =>
        TimeSpan.FromMilliseconds(Math.Min(5000, 50 * Math.Pow(2, Math.Min(failures - 1, 10))) * (0.5 + Random.Shared.NextDouble() / 2));

    private async ValueTask<RedisConnection> RentBlockingAsync(CancellationToken cancellationToken)
    {
        while (_idleBlocking.TryTake(out RedisConnection? idle))
        {
            if (idle.IsOpen)
                return idle;
        }

        return await _opener.OpenAsync(cancellationToken);
    }

    private void DropIfStuck()
    {
        if (_connection is { IsOpen: true } connection && connection.OldestWait > Url.CommandTimeout)
            connection.Abort(new IOException($"no answer within {Url.CommandTimeout.TotalSeconds:0.#} s"));
    }

    private static RedisConnectionException Lost(RespCommand command, ConnectionLostException lost, bool sentBefore) => new(
        lost.Sent || sentBefore
            ? $"The connection to Redis was lost ({lost.Message}) after {command.Name} was sent and before it was answered: it may have been done."
            : $"The connection to Redis was lost ({lost.Message}) before {command.Name} was sent.",
        lost.Sent || sentBefore, lost.InnerException);

    [LoggerMessage(2101, LogLevel.Information, "Connected to Redis at {Address} again")]
    private partial void LogConnected(string address);

    [LoggerMessage(2102, LogLevel.Warning, "Redis cannot be reached, trying until it can: {Reason}")]
    private partial void LogUnreachable(string reason);
}
