namespace Essaim.Protocol;

/// <summary>A task's state: one of Celery's, or a word of the user's own.</summary>
/// <param name="Name">The wire name, upper case for Celery's states.</param>
public readonly record struct TaskState(string Name)
{
    /// <summary>Unknown, or waiting: nothing is stored.</summary>
    public static readonly TaskState Pending = new("PENDING");

    /// <summary>A worker holds it.</summary>
    public static readonly TaskState Received = new("RECEIVED");

    /// <summary>An executor runs it.</summary>
    public static readonly TaskState Started = new("STARTED");

    /// <summary>It reported progress.</summary>
    public static readonly TaskState Progress = new("PROGRESS");

    /// <summary>It failed and will be tried again.</summary>
    public static readonly TaskState Retry = new("RETRY");

    /// <summary>Done; the result is final.</summary>
    public static readonly TaskState Success = new("SUCCESS");

    /// <summary>Ended by an error.</summary>
    public static readonly TaskState Failure = new("FAILURE");

    /// <summary>Cancelled, expired or terminated.</summary>
    public static readonly TaskState Revoked = new("REVOKED");

    /// <summary>Refused by its handler; events only.</summary>
    public static readonly TaskState Rejected = new("REJECTED");

    /// <summary>True for SUCCESS, FAILURE and REVOKED: nothing will follow.</summary>
    public bool IsReady => Name is "SUCCESS" or "FAILURE" or "REVOKED";

    /// <summary>True where the stored result is an exception document.</summary>
    public bool IsException => Name is "RETRY" or "FAILURE" or "REVOKED";

    /// <inheritdoc />
    public override string ToString() => Name;
}
