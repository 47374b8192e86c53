namespace Essaim;

/// <summary>How long to wait before a failed call to the broker is tried again: from 50 ms, doubled each time, to 5 s, each with a jitter of a half.</summary>
internal sealed class Backoff(TimeProvider time, Random random)
{
    private const int MostDoublings = 7;
    private int _failures;

    /// <summary>True from a failure to the next success.</summary>
    public bool IsFailing => _failures > 0;

    /// <summary>Notes a success. True where it ends a time of failures.</summary>
    public bool Succeed()
    {
        bool ended = _failures > 0;
        _failures = 0;
        return ended;
    }

    /// <summary>Notes a failure. True where it is the first.</summary>
    public bool Fail() => ++_failures == 1;

    /// <summary>Waits as the failures so far demand.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        double most = Math.Min(5000, 50 * Math.Pow(2, Math.Min(_failures - 1, MostDoublings)));
        return Task.Delay(TimeSpan.FromMilliseconds(most * (0.5 + random.NextDouble() / 2)), time, cancellationToken);
    }
}
