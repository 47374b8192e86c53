using Essaim.Protocol;

namespace Essaim;

/// <summary>Ends of tasks that the worker itself brings about.</summary>
internal static class Outcomes
{
    private const string Billiard = "billiard.exceptions";

    /// <summary>REVOKED; <paramref name="why"/> is Celery's word: <c>revoked</c>, <c>expired</c>, <c>terminated</c>.</summary>
    public static TaskOutcome Revoked(string why, int signal = 0, EndCause? cause = null) => new()
    {
        Cause = cause,
        Traceback = Sentence(cause),
        Kind = OutcomeKind.Revoked,
        Reason = why,
        Signal = signal,
        Error = ExceptionDocument.Of("TaskRevokedError", why, "celery.exceptions"),
    };

    /// <summary>FAILURE by the hard time limit.</summary>
    public static TaskOutcome TimeLimitExceeded(ReservedTask task)
    {
        TimeSpan limit = task.Request.HardTimeLimit ?? TimeSpan.Zero;
        return new TaskOutcome
        {
            Kind = OutcomeKind.Failure,
            Error = new ExceptionDocument("TimeLimitExceeded", RawJson.From(new[] { limit.TotalSeconds }), Billiard),
            Runtime = limit,
            Cause = EndCause.Time(limit),
            Traceback = Sentence(EndCause.Time(limit)),
        };
    }

    private static string? Sentence(EndCause? cause) => cause is null ? null : $"What ran the task {cause.Sentence}.";

    /// <summary>The error of a task whose executor died once too often.</summary>
    public static ExceptionDocument WorkerLost(string reason) => ExceptionDocument.Of("WorkerLostError", reason, Billiard);
}
