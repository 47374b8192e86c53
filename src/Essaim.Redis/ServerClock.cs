namespace Essaim.Redis;

/// <summary>
/// Whose clock judges. In use it is the server's, so that a machine whose clock is wrong neither loses leases nor keeps them; times that come
/// back are moved to this machine's clock. A clock of a test's own is passed with each call instead.
/// </summary>
internal sealed class ServerClock(TimeProvider time)
{
    private readonly bool _isOwn = time == TimeProvider.System;

    public TimeProvider Time => time;

    /// <summary>What scripts take as now: empty where the server's clock judges.</summary>
    public void AddTo(RespCommand command)
    {
        if (_isOwn)
            command.Add(""u8);
        else
            command.Add(Milliseconds(time.GetUtcNow()));
    }

    /// <summary>An instant of the server's clock on this machine's.</summary>
    /// <param name="instant">Ms since 1970, the server's.</param>
    /// <param name="now">The server's now, from the same reply.</param>
    public DateTimeOffset ToLocal(long instant, long now) =>
        _isOwn ? time.GetUtcNow() + TimeSpan.FromMilliseconds(instant - now) : DateTimeOffset.FromUnixTimeMilliseconds(instant);

    /// <summary>Ms since 1970, never too early.</summary>
    public static long Milliseconds(DateTimeOffset at)
    {
        long ticks = at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        return (ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
    }
}
