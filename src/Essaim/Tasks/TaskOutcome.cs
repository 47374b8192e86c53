using Essaim.Protocol;

namespace Essaim;

/// <summary>How one execution of a task ended, before anything is settled. Travels from the executor to the settler.</summary>
internal enum OutcomeKind
{
    Success,
    Failure,
    Retry,
    Ignored,
    Rejected,
    Revoked,

    /// <summary>It stopped because its worker stops: back to the front of its queue, uncounted.</summary>
    GivenBack,
}

/// <summary>How one execution of a task ended.</summary>
internal sealed record TaskOutcome
{
    /// <summary>Which way it ended.</summary>
    public required OutcomeKind Kind { get; init; }

    /// <summary>Success: the return value.</summary>
    public RawJson Result { get; init; }

    /// <summary>Failure, retry, revoked: the error.</summary>
    public ExceptionDocument? Error { get; init; }

    /// <summary>Failure, retry: stack trace text.</summary>
    public string? Traceback { get; init; }

    /// <summary>Retry: wait this long before the next attempt.</summary>
    public TimeSpan RetryAfter { get; init; }

    /// <summary>Rejected: back to the end of the queue instead of away.</summary>
    public bool Requeue { get; init; }

    /// <summary>Rejected, revoked: why, a sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>Revoked by termination: the signal's number, as Celery tells it.</summary>
    public int Signal { get; init; }

    /// <summary>Where the worker ended it, or what ran it died: why. Never from a child.</summary>
    public EndCause? Cause { get; init; }

    /// <summary>Ids of tasks the handler itself published, for the result's <c>children</c>.</summary>
    public IReadOnlyList<string> Children { get; init; } = [];

    /// <summary>It used recorded steps: they are forgotten when it has ended.</summary>
    public bool UsedSteps { get; init; }

    /// <summary>How long the handler ran.</summary>
    public TimeSpan Runtime { get; init; }
}
