using System.ComponentModel;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Server;

/// <summary>A task to submit, as the API takes it. The schema of the API is made from this type; <see cref="TaskSubmissionReader"/> reads it.</summary>
internal sealed record TaskSubmission
{
    [Description("Name of the task, such as mail.send_welcome.")]
    public required string Name { get; init; }

    [Description("Positional arguments.")]
    public IReadOnlyList<JsonElement> Args { get; init; } = [];

    [Description("Keyword arguments.")]
    public IReadOnlyDictionary<string, JsonElement> Kwargs { get; init; } = new Dictionary<string, JsonElement>();

    [Description("Queue; by default where the core's routes send the task, else celery.")]
    public string? Queue { get; init; }

    [Description("0 (highest, the default) to 9.")]
    public int? Priority { get; init; }

    [Description("Run no sooner than this many seconds from now. Not together with eta.")]
    public double? Countdown { get; init; }

    [Description("Run no sooner than this instant, ISO 8601; without an offset, UTC.")]
    public DateTimeOffset? Eta { get; init; }

    [Description("Do not start later than this: an instant, or a number of seconds from now. The task is then REVOKED.")]
    public JsonElement? Expires { get; init; }

    [Description("When the task is tried again after a failure; by default as its definition says. Understood by Essaim workers only.")]
    public RetrySubmission? Retry { get; init; }

    [Description("Hard time limit in seconds: then what runs the task is killed.")]
    public double? TimeLimit { get; init; }

    [Description("Soft time limit in seconds: then the task is asked to stop.")]
    public double? SoftTimeLimit { get; init; }

    [Description("True: store no result.")]
    public bool? IgnoreResult { get; init; }

    [Description("While another task with this key waits or runs, no new one is made: the answer is then 200 and names that one.")]
    public string? UniqueKey { get; init; }

    [Description("How many seconds the unique key is held at the longest. Default 86,400.")]
    public double? UniqueFor { get; init; }

    [Description("Extra headers of the message.")]
    public IReadOnlyDictionary<string, JsonElement>? Headers { get; init; }

    [Description("Id of the task; by default a new UUID. An id that is already known is refused.")]
    public string? Id { get; init; }
}

/// <summary>A retry policy, as the API takes it.</summary>
internal sealed record RetrySubmission
{
    [Description("Retries after the first attempt. Default 3.")]
    public int? MaxRetries { get; init; }

    [Description("Seconds before the first retry. Default 1.")]
    public double? Delay { get; init; }

    [Description("Longest wait in seconds. Default 600.")]
    public double? MaxDelay { get; init; }

    [Description("constant or exponential (the default).")]
    public string? BackOff { get; init; }

    [Description("Wait a random part of the delay. Default true.")]
    public bool? Jitter { get; init; }

    [Description("Full names of exceptions that are retried. Default: all.")]
    public IReadOnlyList<string>? RetryOn { get; init; }

    [Description("Full names of exceptions that are never retried.")]
    public IReadOnlyList<string>? DoNotRetryOn { get; init; }
}

/// <summary>Many tasks to submit at once.</summary>
internal sealed record BatchSubmission
{
    [Description("The tasks. All are accepted, or none is.")]
    public required IReadOnlyList<TaskSubmission> Tasks { get; init; }
}

/// <summary>A submission that was read and found good, ready for the client.</summary>
/// <param name="Call">What to send; its options hold the id and the queue.</param>
/// <param name="ChosenId">True where the request chose the id.</param>
/// <param name="Args">Positional arguments: a JSON list.</param>
/// <param name="Kwargs">Keyword arguments: a JSON object.</param>
internal sealed record PreparedTask(TaskCall Call, bool ChosenId, RawJson Args, RawJson Kwargs)
{
    public EnqueueOptions Options => Call.Options!;

    /// <summary>The function it runs, with its version; null where it runs none.</summary>
    public string? Function { get; init; }
}
