namespace Essaim;

/// <summary>The end of one delivery on its way to the broker.</summary>
/// <param name="task">The task, or null where the delivery was refused.</param>
internal sealed class Ending(ReservedTask? task)
{
    private string? _taskId;

    public ReservedTask? Task => task;

    /// <summary>How it ended, for the planner and for the event; null where nothing is told.</summary>
    public TaskOutcome? Outcome { get; set; }

    /// <summary>How its executor died.</summary>
    public EndCause? Cause { get; init; }

    /// <summary>What the broker is to do; set by the <see cref="SettlementDrafter"/> where it was not known from the start.</summary>
    public Settlement? Settlement { get; set; }

    /// <summary>The broker was told and did not answer: it may have heeded it.</summary>
    public bool MayBeSettled { get; set; }

    /// <summary>The task's id, where it could be read.</summary>
    public string? TaskId
    {
        get => _taskId ?? task?.Message.Id;
        init => _taskId = value;
    }
}
