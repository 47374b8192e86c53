namespace Essaim;

/// <summary>Celery's rule for rates: one token at most, a new one each 1/rate seconds; full at first. Not safe for several threads.</summary>
internal sealed class TokenBucket(double perSecond, TimeProvider time)
{
    private double _tokens = 1;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes the token, if there is one.</summary>
    public bool TryTake()
    {
        Fill();
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }

    /// <summary>True where <see cref="TryTake"/> would get the token.</summary>
    public bool HasToken => WaitFor() == TimeSpan.Zero;

    /// <summary>How long until there is a token.</summary>
    public TimeSpan WaitFor()
    {
        Fill();
        // A day at the most: a timer takes no more than some weeks.
        return _tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(86400, Math.Max(0.001, (1 - _tokens) / perSecond)));
    }

    private void Fill()
    {
        long now = time.GetTimestamp();
        _tokens = Math.Min(1, _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond);
        // What rounding would keep just below one token is one: it was waited for.
        if (_tokens > 1 - 1e-6)
            _tokens = 1;
        _filledAt = now;
    }
}
