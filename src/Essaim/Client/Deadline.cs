namespace Essaim;

/// <summary>A time for which something is waited for, perhaps several times. A wall clock that is set changes nothing.</summary>
internal readonly record struct Deadline(TimeProvider Time, long Start, TimeSpan? Given)
{
    public static Deadline In(TimeSpan? timeout, TimeProvider time) => new(time, time.GetTimestamp(), timeout);

    /// <summary>A token that is cancelled when the time is over, or by <paramref name="cancellationToken"/>.</summary>
    public DeadlineToken Link(CancellationToken cancellationToken)
    {
        if (Given is not { } given)
            return new DeadlineToken(null, null, cancellationToken);
        TimeSpan left = given - Time.GetElapsedTime(Start);
        CancellationTokenSource timer = new(left > TimeSpan.Zero ? left : TimeSpan.Zero, Time);
        CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        return new DeadlineToken(timer, linked, linked.Token);
    }
}

/// <summary>The token of one wait.</summary>
internal readonly struct DeadlineToken(CancellationTokenSource? timer, CancellationTokenSource? linked, CancellationToken token) : IDisposable
{
    public CancellationToken Token { get; } = token;

    public void Dispose()
    {
        linked?.Dispose();
        timer?.Dispose();
    }
}
