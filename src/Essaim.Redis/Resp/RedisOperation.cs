using System.Threading.Tasks.Sources;

namespace Essaim.Redis;

/// <summary>One command on its way: completed by its reply, by the loss of its connection, or by its caller who waits no longer.</summary>
/// <param name="size">Bytes it takes on the wire.</param>
/// <param name="goesOnHere">See <see cref="RedisConnection.SendAsync"/>.</param>
/// <param name="cancellationToken">Its caller waits no longer.</param>
internal sealed class RedisOperation(int size, bool goesOnHere, CancellationToken cancellationToken) : IValueTaskSource<RespReply>
{
    // What a caller does with more, other replies should not wait for.
    private const int LittleReply = 16 * 1024;

    // Callers go on elsewhere: the thread that reads must not run them.
    private ManualResetValueTaskSourceCore<RespReply> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private int _completed;

    /// <summary>Its place among all commands of its connection.</summary>
    public long Number { get; set; }

    public long SentAt { get; set; }

    public int Size => size;

    public ValueTask<RespReply> Wait()
    {
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static state => ((RedisOperation)state!).Cancel(), this);
        return new ValueTask<RespReply>(this, _core.Version);
    }

    public void Complete(RespReply reply)
    {
        if (Interlocked.Exchange(ref _completed, 1) != 0)
            return;
        _core.RunContinuationsAsynchronously = !goesOnHere || reply.Bytes.Length > LittleReply;
        _core.SetResult(reply);
    }

    public void Fail(Exception error)
    {
        if (Interlocked.Exchange(ref _completed, 1) == 0)
            _core.SetException(error);
    }

    public RespReply GetResult(short token)
    {
        _registration.Dispose();
        return _core.GetResult(token);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel() => Fail(new OperationCanceledException(cancellationToken));
}
