namespace Essaim.Redis;

/// <summary>
/// The server's clock, as far as its replies tell: the machine's uptime plus what the server is ahead of it. The machine's own wall clock
/// is looked at once, at the start, so it may be wrong and may jump. Each reply says that the server's time lay between its sending and its
/// reading; where the estimate fits, it stays, else it moves to the nearest bound. So it is never behind a time the server has told.
/// Safe on all threads.
/// </summary>
/// <param name="local">Timers, and the time until the first reply.</param>
/// <param name="uptime">What goes on evenly, in ticks of 100 ns.</param>
internal sealed class FleetClock(TimeProvider local, Func<long> uptime) : TimeProvider
{
    private long _ahead = local.GetUtcNow().UtcTicks - uptime();
    private int _isSet;

    public override long TimestampFrequency => local.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => local.LocalTimeZone;

    /// <summary>A reading to take before a command is sent, for <see cref="Observe"/>.</summary>
    public long Uptime() => uptime();

    public override DateTimeOffset GetUtcNow() => new(uptime() + Interlocked.Read(ref _ahead), TimeSpan.Zero);

    public override long GetTimestamp() => local.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        local.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes note of what a reply tells.</summary>
    /// <param name="serverNow">The server's now, in whole ms since 1970.</param>
    /// <param name="sentAt"><see cref="Uptime"/> before the command was sent.</param>
    public void Observe(long serverNow, long sentAt)
    {
        long told = DateTimeOffset.UnixEpoch.UtcTicks + serverNow * TimeSpan.TicksPerMillisecond;
        (long least, long most) = (told - uptime(), told + TimeSpan.TicksPerMillisecond - sentAt);
        if (Interlocked.Exchange(ref _isSet, 1) == 0)
        {
            Interlocked.Exchange(ref _ahead, least + (most - least) / 2);
            return;
        }

        long before, after;
        do
        {
            before = Interlocked.Read(ref _ahead);
            after = Math.Clamp(before, least, Math.Max(least, most));
        }
        while (after != before && Interlocked.CompareExchange(ref _ahead, after, before) != before);
    }
}
