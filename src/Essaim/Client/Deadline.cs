namespace Essaim;

/// <summary>An instant until which something is waited for, perhaps several times.</summary>
internal readonly record struct Deadline(TimeProvider Time, DateTimeOffset? At, TimeSpan? Given)
{
    public static Deadline In(TimeSpan? timeout, TimeProvider time) => new(time, timeout is { } wait ? time.GetUtcNow() + wait : null, timeout);

    /// <summary>A token that is cancelled at the instant, or by <paramref name="cancellationToken"/>.</summary>
    public DeadlineToken Link(CancellationToken cancellationToken)
    {
        if (At is not { } at)
            return new DeadlineToken(null, null, cancellationToken);
        TimeSpan left = at - Time.GetUtcNow();
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
