using Essaim.Protocol;

namespace Essaim;

/// <summary>Why the worker itself ends a task.</summary>
internal enum Verdict
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It ran longer than its hard limit.</summary>
    HardTimeLimit,

    /// <summary>It was revoked with <c>terminate</c>.</summary>
    Terminated,

    /// <summary>Its lease was lost: another worker has it, this one's outcome counts for nothing.</summary>
    LeaseLost,

    /// <summary>The worker stops now.</summary>
    Stopped,
}

/// <summary>A claimed message the worker can run, from its claim to its settlement. Changing facts belong to the <see cref="Scheduler"/>.</summary>
internal sealed class ReservedTask(Delivery delivery, TaskMessage message, TaskDefinition definition, ExecutionRequest request, long receivedAt)
{
    private Delivery _delivery = delivery;

    /// <summary>The delivery, with the lease as last renewed.</summary>
    public Delivery Delivery => Volatile.Read(ref _delivery);

    public TaskMessage Message => message;

    public TaskDefinition Definition => definition;

    public ExecutionRequest Request => request;

    /// <summary>Timestamp of its claim.</summary>
    public long ReceivedAt => receivedAt;

    /// <summary>Timestamp of its beginning; 0: not begun.</summary>
    public long StartedAt { get; set; }

    /// <summary>When it began.</summary>
    public DateTimeOffset? StartedTime { get; set; }

    /// <summary>The process that runs it.</summary>
    public int ProcessId { get; set; }

    /// <summary>It mostly waits, and may run in one child with others.</summary>
    public bool SharesChild { get; init; }

    /// <summary>Whether the worker ends it itself.</summary>
    public Verdict Verdict { get; set; }

    /// <summary>The number of the signal it was terminated with.</summary>
    public int Signal { get; set; }

    /// <summary>Revoked before it began.</summary>
    public bool Revoked { get; set; }

    /// <summary>Its soft limit has been announced.</summary>
    public bool SoftLimitTold { get; set; }

    /// <summary>True from its end until it is settled.</summary>
    public bool Ended { get; set; }

    /// <summary>What it reports between beginning and end.</summary>
    public TaskReports Reports { get; } = new();

    /// <summary>The name shown to people.</summary>
    public string ShownName => message.Shadow ?? message.Task;

    public void Renewed(Lease lease) => Volatile.Write(ref _delivery, _delivery with { Lease = lease });
}
