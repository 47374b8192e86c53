using Essaim.Protocol;

namespace Essaim.Storage;

/// <summary>One task as the history knows it.</summary>
internal sealed record TaskRecord
{
    public const string DefaultTenant = "default";

    /// <summary>Longest argument text kept, characters.</summary>
    public const int MaxArguments = 1024;

    /// <summary>Longest error text kept, characters.</summary>
    public const int MaxError = 8192;

    /// <summary>Longest progress text kept, characters.</summary>
    public const int MaxProgressText = 500;

    public required string Id { get; init; }

    public string Tenant { get; init; } = DefaultTenant;

    /// <summary>The order of recording; 0 until stored.</summary>
    public long Number { get; init; }

    public string? Name { get; init; }

    public string? Queue { get; init; }

    public TaskState State { get; init; } = TaskState.Pending;

    /// <summary>When it came into <see cref="State"/>.</summary>
    public DateTimeOffset StateAt { get; init; }

    /// <summary>When it was last heard of.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>True where <see cref="State"/> is the broker's own word.</summary>
    public bool Certain { get; init; }

    public int? Priority { get; init; }

    public string? Args { get; init; }

    public string? Kwargs { get; init; }

    /// <summary>When it was submitted, or first heard of.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset? Eta { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public string? Worker { get; init; }

    public TimeSpan? Runtime { get; init; }

    public int Retries { get; init; }

    public string? RootId { get; init; }

    public string? ParentId { get; init; }

    public string? GroupId { get; init; }

    public string? Error { get; init; }

    public double? Progress { get; init; }

    public string? ProgressText { get; init; }

    /// <summary>The function it runs, as it was called: <c>name</c>, or <c>name@version</c>; null where it runs none of these.</summary>
    public string? Function { get; init; }

    /// <summary>Sequence of its latest entry.</summary>
    public long LastSequence { get; init; }

    /// <summary>True where nothing more is expected: a ready state, or refused by its handler.</summary>
    public bool IsEnded => State.IsReady || State == TaskState.Rejected;

    /// <summary>
    /// What the record becomes. Facts fill in, whenever they come. A state counts when it is newer; an ended task stays
    /// ended unless the broker itself says otherwise, a person restarts it, or a worker begins it again later.
    /// </summary>
    public static TaskRecord Apply(TaskRecord? old, TaskChange change)
    {
        TaskRecord record = old ?? new TaskRecord
        {
            Id = change.TaskId,
            Tenant = change.Tenant,
            SubmittedAt = change.SubmittedAt ?? change.At,
            StateAt = DateTimeOffset.MinValue,
        };
        record = record.FillIn(change);
        if (change.Restart)
        {
            return record with
            {
                State = TaskState.Pending,
                StateAt = change.At,
                Certain = false,
                StartedAt = null,
                FinishedAt = null,
                Runtime = null,
                Error = null,
                Progress = null,
                ProgressText = null,
                Worker = null,
            };
        }

        if (change.State is not { } state || !record.Accepts(state, change))
            return record;
        bool ends = state.IsReady || state == TaskState.Rejected;
        return record with
        {
            State = state,
            StateAt = change.At,
            Certain = change.Certain,
            StartedAt = state == TaskState.Started ? change.At : record.StartedAt,
            FinishedAt = ends ? change.At : null,
            Worker = change.Worker ?? record.Worker,
            Runtime = change.Runtime ?? record.Runtime,
            Retries = change.Retries ?? record.Retries,
            Error = Cut(change.Error, MaxError) ?? (ends && state != TaskState.Success ? record.Error : null),
            Progress = state == TaskState.Started || state == TaskState.Received ? null : change.Progress ?? record.Progress,
            ProgressText = state == TaskState.Started || state == TaskState.Received ? null : Cut(change.ProgressText, MaxProgressText) ?? record.ProgressText,
        };
    }

    /// <summary>Whether the step from <paramref name="old"/> to this record is worth a line in its story.</summary>
    public bool IsNewState(TaskRecord? old, TaskChange change)
    {
        if (change.Restart)
            return true;
        if (change.State is null || State == TaskState.Progress)
            return false;
        if (old is null || old.State != State)
            return true;
        return old.StateAt != StateAt && (!IsEnded || old.Certain);
    }

    private bool Accepts(TaskState state, TaskChange change)
    {
        if (change.Certain)
            return true;
        if (state == TaskState.Pending)
            return StateAt == DateTimeOffset.MinValue;
        if (IsEnded)
            return (state == TaskState.Received || state == TaskState.Started) && change.At > FinishedAt;
        return change.At >= StateAt;
    }

    private TaskRecord FillIn(TaskChange change) => this with
    {
        ChangedAt = change.At > ChangedAt ? change.At : ChangedAt,
        Name = change.Name ?? Name,
        Queue = change.Queue ?? Queue,
        Priority = change.Priority ?? Priority,
        Args = Cut(change.Args, MaxArguments) ?? Args,
        Kwargs = Cut(change.Kwargs, MaxArguments) ?? Kwargs,
        SubmittedAt = change.SubmittedAt < SubmittedAt ? change.SubmittedAt.Value : SubmittedAt,
        Eta = change.Eta ?? Eta,
        RootId = change.RootId ?? RootId,
        ParentId = change.ParentId ?? ParentId,
        GroupId = change.GroupId ?? GroupId,
        Function = Function ?? change.Function,
        StartedAt = StartedAt ?? (change.State == TaskState.Started ? change.At : null),
        Worker = Worker ?? change.Worker,
        Error = Error ?? (IsEnded && State != TaskState.Success && change.State == State ? Cut(change.Error, MaxError) : null),
    };

    private static string? Cut(string? text, int length) =>
        text is null || text.Length <= length ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1), "…");
}
