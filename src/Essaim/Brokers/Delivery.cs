namespace Essaim;

/// <summary>A worker's temporary right to a message.</summary>
/// <param name="MessageId">The broker's own name of the message.</param>
/// <param name="Token">Changes with each claim; a settle with an old token is refused.</param>
/// <param name="Deadline">When the lease runs out unless renewed.</param>
public sealed record Lease(string MessageId, string Token, DateTimeOffset Deadline);

/// <summary>A claimed message.</summary>
public sealed record Delivery
{
    /// <summary>The right to settle it.</summary>
    public required Lease Lease { get; init; }

    /// <summary>The queue it came from.</summary>
    public required string Queue { get; init; }

    /// <summary>The task's id, as known to the broker (empty where the envelope could not be read).</summary>
    public required string TaskId { get; init; }

    /// <summary>1 on the first delivery.</summary>
    public required int DeliveryCount { get; init; }

    /// <summary>When it became ready, for its age.</summary>
    public required DateTimeOffset ReadySince { get; init; }

    /// <summary>True where the task was revoked before this claim: settle it as REVOKED, do not run it.</summary>
    public bool Revoked { get; init; }

    /// <summary>The envelope.</summary>
    public required ReadOnlyMemory<byte> Envelope { get; init; }
}

/// <summary>What a worker asks for.</summary>
public sealed record ClaimRequest
{
    /// <summary>Name of the worker node that claims.</summary>
    public required string Worker { get; init; }

    /// <summary>Queues to take from; <see cref="QueueClaim.Tier"/> orders them, equals are served evenly.</summary>
    public required IReadOnlyList<QueueClaim> Queues { get; init; }

    /// <summary>At most this many messages over all queues.</summary>
    public required int Max { get; init; }

    /// <summary>How long the leases last. Default 30 s.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>One queue of a claim.</summary>
/// <param name="Queue">Queue name.</param>
/// <param name="Tier">Lower tiers are emptied first. Default 0.</param>
/// <param name="Max">At most this many from this queue; null: no bound of its own.</param>
public readonly record struct QueueClaim(string Queue, int Tier = 0, int? Max = null)
{
    /// <summary>What the broker holds the queue to; null (default): nothing.</summary>
    public QueueLimits? Limits { get; init; }
}

/// <summary>What a claim gave.</summary>
/// <param name="Deliveries">Claimed messages, in the order they should run.</param>
/// <param name="NextDue">
/// When something waiting (a delayed message, a lease that runs out) may become claimable without anybody publishing;
/// null where nothing waits.
/// </param>
public sealed record ClaimResult(IReadOnlyList<Delivery> Deliveries, DateTimeOffset? NextDue);
