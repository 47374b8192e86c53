namespace Essaim;

/// <summary>What a broker itself holds a queue to, over all workers that claim with the same limits.</summary>
public sealed record QueueLimits
{
    /// <summary>Under which name messages in flight and tokens are counted; queues that share it share the limits. Null (default): the queue's own name.</summary>
    public string? Scope { get; init; }

    /// <summary>At most this many messages in flight at once; null: any number.</summary>
    public int? Concurrency { get; init; }

    /// <summary>How fast messages are given; null: as fast as they are asked for.</summary>
    public QueueRate? Rate { get; init; }

    /// <summary>
    /// One at a time, in the order they were sent: the next is given when the one before is settled. A message that
    /// <see cref="OutgoingMessage.KeepsPlace"/> holds the queue until its time.
    /// </summary>
    public bool Ordered { get; init; }
}

/// <summary>
/// A rate as a token bucket (the generic cell rate algorithm of ITU-T I.371): a token each 1/<paramref name="PerSecond"/> s, at most
/// <paramref name="Burst"/> saved up.
/// </summary>
/// <param name="PerSecond">Tokens a second, above 0.</param>
/// <param name="Burst">Most at once, at least 1.</param>
public readonly record struct QueueRate(double PerSecond, int Burst)
{
    /// <summary>Time from one token to the next.</summary>
    public TimeSpan Interval => TimeSpan.FromSeconds(1 / PerSecond);
}

/// <summary>A place in the line before a rate that holds for a key, such as a host, over all queues and workers.</summary>
/// <param name="Bucket">Name of the bucket.</param>
/// <param name="TaskId">The task that wants a token; asked again, it keeps its place.</param>
/// <param name="Rate">The rate.</param>
public sealed record RateReservation(string Bucket, string TaskId, QueueRate Rate);

/// <summary>Why a queue gives nothing for now.</summary>
/// <param name="Reason">A sentence for people; may be empty.</param>
/// <param name="By">Who paused it.</param>
/// <param name="At">When.</param>
public sealed record QueuePause(string Reason, string By, DateTimeOffset At);

/// <summary>A message in flight.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Worker">The worker that holds it.</param>
/// <param name="ClaimedAt">Since when.</param>
/// <param name="Deadline">When its lease runs out unless renewed.</param>
public sealed record MessageHolder(string TaskId, string Worker, DateTimeOffset ClaimedAt, DateTimeOffset Deadline);
