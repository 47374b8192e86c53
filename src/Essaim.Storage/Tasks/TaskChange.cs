using Essaim.Protocol;

namespace Essaim.Storage;

/// <summary>Something heard about a task: facts to fill in, perhaps a new state, perhaps a line for its record. Null: not said.</summary>
internal sealed record TaskChange
{
    public required string TaskId { get; init; }

    public string Tenant { get; init; } = TaskRecord.DefaultTenant;

    /// <summary>When it happened, by the clock of whoever says so.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The state it is in from then on.</summary>
    public TaskState? State { get; init; }

    /// <summary>From the completion feed: the broker's own word, which overrides what events said.</summary>
    public bool Certain { get; init; }

    /// <summary>Put back by a person (a replayed dead letter): the record starts again.</summary>
    public bool Restart { get; init; }

    public string? Name { get; init; }

    public string? Queue { get; init; }

    public int? Priority { get; init; }

    public string? Args { get; init; }

    public string? Kwargs { get; init; }

    public DateTimeOffset? SubmittedAt { get; init; }

    public DateTimeOffset? Eta { get; init; }

    public string? Worker { get; init; }

    public TimeSpan? Runtime { get; init; }

    public int? Retries { get; init; }

    public string? RootId { get; init; }

    public string? ParentId { get; init; }

    public string? GroupId { get; init; }

    public string? Function { get; init; }

    public string? Error { get; init; }

    public double? Progress { get; init; }

    public string? ProgressText { get; init; }

    /// <summary>A progress report or log line to keep. State changes make their own entries.</summary>
    public (TaskEntryKind Kind, RawJson Data)? Entry { get; init; }
}
