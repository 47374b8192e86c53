namespace Essaim.Redis;

/// <summary>
/// Finds out, while somebody waits, whether a queue's lists hold something: foreign producers ring no bell. It looks once the wait has lasted a
/// period. Where the server tracks keys, a look that finds nothing asks for a word as soon as one of the lists changes, and nothing
/// happens until that comes. Elsewhere it looks again each period. The server keeps the time between two looks (it holds a BRPOP of a list
/// nobody ever fills), so that a look wakes this process once, on the thread that reads the connection. Safe on all threads.
/// </summary>
/// <param name="link">The server.</param>
/// <param name="lists">What is looked at.</param>
/// <param name="tracks">Have the server track the lists, where it does that.</param>
/// <param name="found">Called on the reading thread when something is there, and when looking has failed.</param>
internal sealed class ForeignLooker(RedisLink link, string[] lists, bool tracks, Action found) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private RedisConnection? _connection;
    private TaskCompletionSource _notice = new();
    private Exception? _failure;
    private Task _looking = Task.CompletedTask;
    private bool _isTracked;
    private bool _wanted;
    private bool _running;

    /// <summary>Time between two looks.</summary>
    public TimeSpan Period { get; set; }

    /// <summary>Somebody waits: looks from now on, the first time after a period.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _wanted = true;
            if (_running)
                return;
            _running = true;
            _looking = LookAsync();
        }
    }

    /// <summary>Nobody waits any more; a look under way is the last.</summary>
    public void Stop()
    {
        lock (_gate)
            _wanted = false;
    }

    /// <summary>Why looking has ended, told once; null where it has not.</summary>
    public Exception? TakeFailure() => Interlocked.Exchange(ref _failure, null);

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _closing.CancelAsync();
        _connection?.Abort(new ObjectDisposedException(nameof(ForeignLooker)));
        await _looking;
        if (_connection is not null)
            await _connection.DisposeAsync();
        _closing.Dispose();
    }

    private async Task LookAsync()
    {
        try
        {
            RedisConnection? connection = _connection;
            while (GoesOn())
            {
                // It may have ended while nothing was to be said.
                if (connection is not { IsOpen: true })
                    connection = await OpenAsync();
                _closing.Token.ThrowIfCancellationRequested();
                if (await IsAnythingThereAsync(connection) || (_isTracked && await IsAnyChangedAsync(connection)))
                    found();
            }
        }
        catch (Exception error)
        {
            if (!_closing.IsCancellationRequested)
                Volatile.Write(ref _failure, error is ConnectionLostException lost ? new RedisConnectionException(lost.Message, false, lost) : error);
            lock (_gate)
                _running = false;
            found();
        }
    }

    private bool GoesOn()
    {
        lock (_gate)
            return _running = _wanted;
    }

    private async ValueTask<RedisConnection> OpenAsync()
    {
        RedisConnection connection = await link.Client.OpenOwnAsync(_closing.Token);
        _connection = connection;
        connection.Noticed = () => Volatile.Read(ref _notice).TrySetResult();
        // A notice comes between replies, which the older protocol does not know. A server or a user that may not do either is looked at.
        _isTracked = tracks && (await SendAsync(connection, "HELLO", ["3"])).IsGood && (await SendAsync(connection, "CLIENT", ["TRACKING", "ON"])).IsGood;
        return connection;
    }

    private async ValueTask<bool> IsAnythingThereAsync(RedisConnection connection)
    {
        // Both go out together, and both replies come together.
        Task<RespReply> pause = SendAsync(connection, "BRPOP", [link.Keys.Own + "never", Seconds(Period)]).AsTask();
        if (_isTracked)
        {
            // What was said before this look is of no interest.
            Require("BRPOP", await pause);
            Volatile.Write(ref _notice, new TaskCompletionSource());
        }

        RespReply there = await SendAsync(connection, "EXISTS", lists);
        if (!_isTracked)
            Require("BRPOP", await pause);
        Require("EXISTS", there);
        return there.AsInteger() > 0;
    }

    /// <summary>Waits for a list to change, for as long as that takes; false where nobody waits for it any more.</summary>
    private async ValueTask<bool> IsAnyChangedAsync(RedisConnection connection)
    {
        // Where the connection ends, the next command says why.
        await Task.WhenAny(_notice.Task, connection.Reading);
        lock (_gate)
            return _wanted;
    }

    private static ValueTask<RespReply> SendAsync(RedisConnection connection, string name, string[] arguments)
    {
        using RespCommand command = new(name);
        foreach (string argument in arguments)
            command.Add(argument);
        return connection.SendAsync(command.Encode().Span, CancellationToken.None, goesOnHere: true);
    }

    private static void Require(string name, RespReply reply)
    {
        if (!reply.IsGood)
            throw new RedisReplyException(name, reply.AsText()!);
    }

    private static string Seconds(TimeSpan period) => period.TotalSeconds.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);
}
