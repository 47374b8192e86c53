namespace Essaim;

/// <summary>
/// The state of a token bucket as the generic cell rate algorithm (ITU-T I.371) keeps it: one instant. Pure; the same for every backend, and
/// written again in Lua for Redis.
/// </summary>
/// <param name="FullAt">When the bucket will be full again, should nothing be taken.</param>
/// <param name="Rate">The rate.</param>
internal readonly record struct RateLine(DateTimeOffset FullAt, QueueRate Rate)
{
    /// <summary>When the next token is there; may be past.</summary>
    public DateTimeOffset NextAt => FullAt < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : FullAt - (Rate.Burst - 1) * Rate.Interval;

    /// <summary>Tokens there are now.</summary>
    public int Count(DateTimeOffset now) => NextAt > now
        ? 0
        : Math.Min(Rate.Burst, 1 + (int)Math.Min(int.MaxValue - 1, Math.Floor((now - NextAt) / Rate.Interval + 1e-6)));

    /// <summary>The state after some were taken, even such as are not there yet.</summary>
    public RateLine Take(int count, DateTimeOffset now) => this with { FullAt = (FullAt > now ? FullAt : now) + count * Rate.Interval };
}
