namespace Essaim.Redis;

/// <summary>
/// Looks again and again, while somebody waits, whether a queue's lists hold something: foreign producers ring no bell. The server keeps the time
/// between two looks (it holds a BRPOP of a list nobody ever fills), so that a look wakes this process once, on the thread that
/// reads the connection; with a timer here it would be six times. Safe on all threads.
/// </summary>
/// <param name="link">The server.</param>
/// <param name="lists">What is looked at.</param>
/// <param name="found">Called on the reading thread when something is there, and when looking has failed.</param>
internal sealed class ForeignLooker(RedisLink link, string[] lists, Action found) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private RedisConnection? _connection;
    private Exception? _failure;
    private Task _looking = Task.CompletedTask;
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
            if (_connection is not { IsOpen: true })
                _connection = await link.Client.OpenOwnAsync(_closing.Token);
            _closing.Token.ThrowIfCancellationRequested();
            while (GoesOn())
            {
                // Both go out together, and both replies come together.
                ValueTask<RespReply> pause = Send("BRPOP", [link.Keys.Own + "never"], Seconds(Period));
                RespReply there = await Send("EXISTS", lists, null);
                Check("BRPOP", await pause);
                Check("EXISTS", there);
                if (there.AsInteger() > 0)
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

    private ValueTask<RespReply> Send(string name, string[] keys, string? last)
    {
        using RespCommand command = new(name);
        foreach (string key in keys)
            command.Add(key);
        if (last is not null)
            command.Add(last);
        return _connection!.SendAsync(command.Encode().Span, CancellationToken.None, goesOnHere: true);
    }

    private static void Check(string name, RespReply reply)
    {
        if (reply.Kind is RespKind.Error or RespKind.BulkError)
            throw new RedisReplyException(name, reply.AsText()!);
    }

    private static string Seconds(TimeSpan period) => period.TotalSeconds.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);
}
