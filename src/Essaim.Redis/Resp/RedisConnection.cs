using System.Buffers;

namespace Essaim.Redis;

/// <summary>
/// One connection. Commands of all callers go out in the order they came, as many in one write as have gathered while the last was under
/// way; replies complete them in that order. A thread of its own reads, blocking, so that a reply wakes no other thread on its way than the
/// one that waits for it. Safe on all threads.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private const int ReadAtLeast = 16 * 1024;
    // What a socket takes without waiting for the other side, so that a caller may write it himself.
    private const int TakenAtOnce = 16 * 1024;
    private const int FewWaiting = 2;
    private const int KeptBuffer = 1024 * 1024;
    // Grows to what is sent and read at once; most connections of a worker say little.
    private const int FirstBuffer = 4 * 1024;
    private readonly Lock _gate = new();
    private readonly Stream _stream;
    private readonly Action<RespReply>? _onPush;
    private readonly Queue<RedisOperation> _waiting = new();
    private ArrayBufferWriter<byte> _gathering = new(FirstBuffer);
    private ArrayBufferWriter<byte> _writing = new(FirstBuffer);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _last;
    private long _unanswered;
    private long _handedToWrite;
    private bool _flushing;
    private Exception? _fault;

    /// <param name="stream">Connected, with TLS where there is TLS.</param>
    /// <param name="address">For error texts.</param>
    /// <param name="onPush">Where set, every reply goes there (a subscriber's connection); called on the reading thread.</param>
    public RedisConnection(Stream stream, string address, Action<RespReply>? onPush = null)
    {
        _stream = stream;
        Address = address;
        _onPush = onPush;
        new Thread(Read, 256 * 1024) { IsBackground = true, Name = "essaim redis reader" }.Start();
    }

    public string Address { get; }

    public bool IsOpen => Volatile.Read(ref _fault) is null;

    /// <summary>Ends when the connection has.</summary>
    public Task Reading => _ended.Task;

    /// <summary>Called on the reading thread when the server says something that answers no command (RESP3). Set before anything is asked for.</summary>
    public Action? Noticed { get; set; }

    /// <summary>When the last bytes came; for a connection that only listens.</summary>
    public long HeardAt { get; private set; } = TimeProvider.System.GetTimestamp();

    /// <summary>Sends a command.</summary>
    /// <param name="command">Its bytes.</param>
    /// <param name="cancellationToken">Stops waiting for the reply.</param>
    /// <param name="goesOnHere">The caller waits for nothing and runs nobody else's code before it awaits again: it may go on on the thread that reads.</param>
    /// <exception cref="ConnectionLostException">The connection is gone.</exception>
    public ValueTask<RespReply> SendAsync(ReadOnlySpan<byte> command, CancellationToken cancellationToken, bool goesOnHere = false)
    {
        RedisOperation operation = new(command.Length, goesOnHere, cancellationToken);
        ValueTask<RespReply> reply = operation.Wait();
        Write(command, operation);
        return reply;
    }

    /// <summary>Sends what is answered by pushes, if at all.</summary>
    /// <exception cref="ConnectionLostException">The connection is gone.</exception>
    public void Post(ReadOnlySpan<byte> command) => Write(command, null);

    private void Write(ReadOnlySpan<byte> command, RedisOperation? operation)
    {
        bool flush, elsewhere;
        lock (_gate)
        {
            if (_fault is { } fault)
                throw new ConnectionLostException(false, fault);
            _last++;
            if (operation is not null)
            {
                operation.Number = _last;
                operation.SentAt = TimeProvider.System.GetTimestamp();
                _waiting.Enqueue(operation);
                _unanswered += operation.Size;
            }

            _gathering.Write(command);
            flush = !_flushing;
            _flushing = true;
            // Among many callers, others are about to write, too: all of it goes in one piece.
            elsewhere = _waiting.Count > FewWaiting || _unanswered > TakenAtOnce;
        }

        if (flush && elsewhere)
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.Flush(mayWait: true), this, preferLocal: false);
        else if (flush)
            Flush(mayWait: false);
    }

    /// <summary>How long the oldest command has waited for its reply; zero where none waits.</summary>
    public TimeSpan OldestWait
    {
        get
        {
            lock (_gate)
                return _waiting.TryPeek(out RedisOperation? oldest) ? TimeProvider.System.GetElapsedTime(oldest.SentAt) : TimeSpan.Zero;
        }
    }

    /// <summary>Ends the connection; commands under way fail with <paramref name="reason"/>.</summary>
    public void Abort(Exception reason)
    {
        List<RedisOperation> lost;
        long handedToWrite;
        lock (_gate)
        {
            if (_fault is not null)
                return;
            Volatile.Write(ref _fault, reason);
            lost = [.. _waiting];
            _waiting.Clear();
            handedToWrite = _handedToWrite;
        }

        _stream.Dispose();
        foreach (RedisOperation operation in lost)
            operation.Fail(new ConnectionLostException(operation.Number <= handedToWrite, reason));
    }

    public async ValueTask DisposeAsync()
    {
        Abort(new ObjectDisposedException(nameof(RedisConnection)));
        await Reading;
    }

    private void Flush(bool mayWait)
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_gathering.WrittenCount == 0 || _fault is not null)
                    {
                        _flushing = false;
                        return;
                    }

                    if (!mayWait && _unanswered > TakenAtOnce)
                        break;
                    (_gathering, _writing) = (_writing, _gathering);
                    _handedToWrite = _last;
                }

                _stream.Write(_writing.WrittenSpan);
                if (_writing.Capacity > KeptBuffer)
                    _writing = new ArrayBufferWriter<byte>(FirstBuffer);
                else
                    _writing.ResetWrittenCount();
            }

            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.Flush(mayWait: true), this, preferLocal: false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            Abort(error);
        }
    }

    private void Read()
    {
        byte[] buffer = Rent(ReadAtLeast);
        int start = 0, end = 0;
        RespFraming framing = default;
        try
        {
            while (true)
            {
                if (buffer.Length - end < ReadAtLeast)
                    buffer = MakeRoom(buffer, ref start, ref end);
                int got = _stream.Read(buffer.AsSpan(end));
                if (got == 0)
                    throw new IOException("the server closed the connection");
                end += got;
                HeardAt = TimeProvider.System.GetTimestamp();
                int length;
                while (end > start && (length = framing.Find(buffer.AsSpan(start, end - start))) >= 0)
                {
                    framing.Reset();
                    Complete(new RespReply(buffer.AsSpan(start, length).ToArray()));
                    start += length;
                }

                if (start == end)
                {
                    (start, end) = (0, 0);
                    // One large reply must not hold its memory for as long as the connection lives.
                    if (buffer.Length > KeptBuffer)
                        buffer = Rent(64 * 1024);
                }
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Abort(error);
        }
        finally
        {
            Return(buffer);
            _ended.TrySetResult();
        }
    }

    private void Complete(RespReply reply)
    {
        if (_onPush is not null)
        {
            _onPush(reply);
            return;
        }

        // A push speaks of no command.
        if (reply.Kind == RespKind.Push)
        {
            Noticed?.Invoke();
            return;
        }

        RedisOperation? operation;
        lock (_gate)
        {
            if (_waiting.TryDequeue(out operation))
                _unanswered -= operation.Size;
        }

        if (operation is null)
            throw new RedisProtocolException("Redis answered more often than it was asked. Is the server a proxy that changes replies?");
        operation.Complete(reply);
    }

    private static byte[] MakeRoom(byte[] buffer, ref int start, ref int end)
    {
        int kept = end - start;
        byte[] target = kept + ReadAtLeast > buffer.Length / 2 ? Rent(Math.Max(buffer.Length, kept) * 2) : buffer;
        Buffer.BlockCopy(buffer, start, target, 0, kept);
        if (target != buffer)
            Return(buffer);
        (start, end) = (0, kept);
        return target;
    }

    // The pool would keep large arrays.
    private static byte[] Rent(int least) => least > KeptBuffer ? GC.AllocateUninitializedArray<byte>(least) : ArrayPool<byte>.Shared.Rent(least);

    private static void Return(byte[] buffer)
    {
        if (buffer.Length <= KeptBuffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}

/// <summary>A connection went before a command was answered.</summary>
/// <param name="sent">True where the command may have reached the server.</param>
/// <param name="reason">Why it went.</param>
internal sealed class ConnectionLostException(bool sent, Exception reason) : Exception(reason.Message, reason)
{
    public bool Sent => sent;
}
