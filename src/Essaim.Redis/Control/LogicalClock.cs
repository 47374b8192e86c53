namespace Essaim.Redis;

/// <summary>Lamport's clock, as Celery counts it. Safe on all threads.</summary>
internal sealed class LogicalClock
{
    private long _now;

    /// <summary>The next instant.</summary>
    public long Forward() => Interlocked.Increment(ref _now);

    /// <summary>After <paramref name="theirs"/>.</summary>
    public void Adjust(long theirs)
    {
        long now;
        do
        {
            now = Interlocked.Read(ref _now);
        }
        while (Interlocked.CompareExchange(ref _now, Math.Max(now, theirs) + 1, now) != now);
    }
}
