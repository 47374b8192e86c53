using Essaim.Protocol;

namespace Essaim;

/// <summary>What happens to a claimed message.</summary>
public enum SettleAction
{
    /// <summary>It is done: removed.</summary>
    Complete,

    /// <summary>Back to the front of its queue as if never claimed: the delivery is not counted (shutdown, unused prefetch).</summary>
    Release,

    /// <summary>Back to the front of its queue; the delivery counts (its executor died).</summary>
    Return,

    /// <summary>To the end of its queue; the delivery is not counted (rejected with requeue). A transport of foreign consumers marks it redelivered.</summary>
    Requeue,

    /// <summary>Waits until <see cref="Settlement.NotBefore"/>; the delivery is not counted.</summary>
    Park,

    /// <summary>To the dead letters, with <see cref="Settlement.Reason"/>.</summary>
    DeadLetter,
}

/// <summary>The end of one delivery: everything in it happens in one atomic step, or nothing does.</summary>
public sealed record Settlement
{
    /// <summary>The lease; a stale token refuses the whole settlement.</summary>
    public required Lease Lease { get; init; }

    /// <summary>What happens to the message.</summary>
    public required SettleAction Action { get; init; }

    /// <summary>Why, for dead letters: a sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>For <see cref="SettleAction.Park"/>.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Results to store and announce: the task's own first, then copies for the rest of a failed chain.</summary>
    public IReadOnlyList<ResultWrite> Results { get; init; } = [];

    /// <summary>What follows: callbacks, the next link, the retry.</summary>
    public Outgoing Publish { get; init; } = Outgoing.Nothing;

    /// <summary>Chord parts that ended with this task (its own, and those of a failed chain's members).</summary>
    public IReadOnlyList<ChordPart> ChordParts { get; init; } = [];

    /// <summary>Entry for the completion feed; null where the task goes on (retry, release).</summary>
    public Completion? Completion { get; init; }

    /// <summary>Forget the recorded steps of <see cref="Completion"/>'s task: it has ended. Default false.</summary>
    public bool ForgetsSteps { get; init; }

    /// <summary>The unique key to free, if it is still held by <see cref="Completion"/>'s task.</summary>
    public string? UniqueKey { get; init; }
}

/// <summary>What became of a settlement.</summary>
public enum SettleOutcome
{
    /// <summary>Done.</summary>
    Settled,

    /// <summary>The lease was no longer this worker's; nothing was changed.</summary>
    StaleLease,
}

/// <summary>One result to store. A stored ready state is never overwritten.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="State">Its state.</param>
/// <param name="Document">The whole result document, as <see cref="ResultDocument.Encode"/> writes it.</param>
/// <param name="ExpiresAfter">How long it is kept; null: for ever.</param>
public sealed record ResultWrite(string TaskId, TaskState State, ReadOnlyMemory<byte> Document, TimeSpan? ExpiresAfter);

/// <summary>A terminal state, in the durable feed of completions.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="TaskName">Its name.</param>
/// <param name="State">A ready state.</param>
/// <param name="Queue">Where it came from.</param>
/// <param name="Worker">Node that ran it.</param>
/// <param name="At">When.</param>
/// <param name="Runtime">How long the handler ran; zero where it did not.</param>
/// <param name="RootId">First task of its workflow.</param>
public sealed record Completion(
    string TaskId, string TaskName, TaskState State, string Queue, string Worker, DateTimeOffset At, TimeSpan Runtime, string? RootId);

/// <summary>A chord part that ended. The broker counts it once by task id and, when it was the last, releases the body.</summary>
public sealed record ChordPart
{
    /// <summary>Group id of the header.</summary>
    public required string GroupId { get; init; }

    /// <summary>Position of the part; results are passed in this order. Null sorts last.</summary>
    public int? Index { get; init; }

    /// <summary>The task that ended.</summary>
    public required string TaskId { get; init; }

    /// <summary>SUCCESS, FAILURE or REVOKED.</summary>
    public required TaskState State { get; init; }

    /// <summary>Return value or exception document.</summary>
    public required RawJson Result { get; init; }

    /// <summary>The body, ready but for the list of results.</summary>
    public required ChordBody Body { get; init; }
}

/// <summary>A chord body ready to be released by the broker, in a form a server-side script can fill.</summary>
public sealed record ChordBody
{
    /// <summary>The message with a gap where the results go.</summary>
    public required MessageTemplate Template { get; init; }

    /// <summary>Facts of the message for the broker; <see cref="OutgoingMessage.Envelope"/> is replaced by the filled template.</summary>
    public required OutgoingMessage Message { get; init; }

    /// <summary>What is published instead when a part failed: the body's errbacks, ready to send.</summary>
    public Outgoing OnError { get; init; } = Outgoing.Nothing;

    /// <summary>Ids of tasks that were to follow the body; they fail with it.</summary>
    public IReadOnlyList<string> AlsoFails { get; init; } = [];

    /// <summary>When the body has failed if this part completes the chord: the end of the part.</summary>
    public DateTimeOffset FailedAt { get; init; }

    /// <summary>How long the ChordError result of the body is kept when a part failed; null: for ever.</summary>
    public TimeSpan? ResultExpiresAfter { get; init; }

    /// <summary>Where the body is itself the last task of an outer chord's part, that part; it fails with the body.</summary>
    public ChordPart? OuterPart { get; init; }
}
