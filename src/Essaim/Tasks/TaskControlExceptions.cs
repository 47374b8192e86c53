namespace Essaim;

/// <summary>Thrown by a handler: try this task again later, as often as its retry policy allows (3 times where it has none).</summary>
/// <param name="delay">Wait this long; null: as the retry policy says, 180 s where the task has none.</param>
/// <param name="cause">Why; becomes the failure when no retry is left.</param>
public sealed class TaskRetryException(TimeSpan? delay = null, Exception? cause = null) : Exception(cause?.Message ?? "The task asked to be tried again.", cause)
{
    /// <summary>Wait this long; null: as the retry policy says.</summary>
    public TimeSpan? Delay { get; } = delay;
}

/// <summary>Thrown by a handler: this message is not for me. No result is stored.</summary>
/// <param name="reason">Why, a sentence.</param>
/// <param name="requeue">True: back to the end of its queue; false: away, as a dead letter.</param>
public sealed class TaskRejectedException(string reason, bool requeue = false) : Exception(reason)
{
    /// <summary>Back to the end of its queue.</summary>
    public bool Requeue { get; } = requeue;
}

/// <summary>Thrown by a handler: the task is over, store no result and let nothing follow.</summary>
/// <param name="reason">Why, for the log.</param>
public sealed class TaskIgnoredException(string reason = "The task asked to be ignored.") : Exception(reason);
