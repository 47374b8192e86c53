namespace Essaim;

/// <summary>
/// Lets what a worker does again and again happen at one time: duties of the same period, and of multiples of it, wait for the same instants of
/// the clock, so that an idle process wakes once for all of them.
/// </summary>
internal static class Rhythm
{
    /// <summary>Waits for the next multiple of a period.</summary>
    public static Task DelayAsync(TimeSpan period, TimeProvider time, CancellationToken stop) => Task.Delay(UntilNext(period, time), time, stop);

    /// <summary>
    /// How long it is to the next multiple of a period, in whole ms: a quarter of the period at least, because a timer may be a little early,
    /// and so a quarter more than the period at most.
    /// </summary>
    public static TimeSpan UntilNext(TimeSpan period, TimeProvider time)
    {
        // Not as TimeProvider converts it, which loses the last digits of a large number.
        long now = (long)((Int128)time.GetTimestamp() * TimeSpan.TicksPerSecond / time.TimestampFrequency);
        long ticks = period.Ticks - now % period.Ticks;
        if (ticks < period.Ticks / 4)
            ticks += period.Ticks;
        return TimeSpan.FromMilliseconds((ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
    }
}
