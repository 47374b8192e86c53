using Essaim.Protocol;

namespace Essaim;

/// <summary>The awaited task failed.</summary>
public sealed class TaskFailedException : EssaimException
{
    internal TaskFailedException(string taskId, ExceptionDocument error, string? traceback, string message)
        : base("ESS1201", message)
    {
        TaskId = taskId;
        Error = error;
        Traceback = traceback;
    }

    /// <summary>The task.</summary>
    public string TaskId { get; }

    /// <summary>Its error.</summary>
    public ExceptionDocument Error { get; }

    /// <summary>Its stack trace, as the worker wrote it.</summary>
    public string? Traceback { get; }
}

/// <summary>The awaited task was revoked, terminated, or expired before it ran.</summary>
public sealed class TaskRevokedException : EssaimException
{
    internal TaskRevokedException(string taskId, string reason, string message)
        : base("ESS1202", message)
    {
        TaskId = taskId;
        Reason = reason;
    }

    /// <summary>The task.</summary>
    public string TaskId { get; }

    /// <summary><c>revoked</c>, <c>expired</c> or <c>terminated</c>.</summary>
    public string Reason { get; }
}

/// <summary>The awaited task has not ended in the time given; it is not affected.</summary>
public sealed class TaskResultTimeoutException : EssaimException
{
    internal TaskResultTimeoutException(string taskId, TaskState lastState, string message)
        : base("ESS1203", message)
    {
        TaskId = taskId;
        LastState = lastState;
    }

    /// <summary>The task.</summary>
    public string TaskId { get; }

    /// <summary>The last state seen.</summary>
    public TaskState LastState { get; }
}

/// <summary>The stored result does not fit the type asked for.</summary>
public sealed class TaskResultException : EssaimException
{
    internal TaskResultException(string taskId, string message, Exception inner)
        : base("ESS1204", message, inner) => TaskId = taskId;

    /// <summary>The task.</summary>
    public string TaskId { get; }
}
