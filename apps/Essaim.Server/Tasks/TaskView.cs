using System.ComponentModel;
using Essaim.Protocol;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>A task as the API shows it.</summary>
internal sealed record TaskView
{
    public required string Id { get; init; }

    public required string? Name { get; init; }

    public required string? Queue { get; init; }

    [Description("PENDING, RECEIVED, STARTED, PROGRESS, RETRY, SUCCESS, FAILURE, REVOKED or REJECTED.")]
    public required string State { get; init; }

    [Description("0 (highest) to 9.")]
    public int? Priority { get; init; }

    [Description("Positional arguments for people's eyes, in Python's notation; cut after 1,024 characters.")]
    public string? Args { get; init; }

    [Description("Keyword arguments, as args.")]
    public string? Kwargs { get; init; }

    [Description("When it was submitted, or first heard of where somebody else submitted it.")]
    public DateTimeOffset? SubmittedAt { get; init; }

    [Description("The function it runs, as it was called: name or name@version.")]
    public string? Function { get; init; }

    [Description("Not before this instant.")]
    public DateTimeOffset? Eta { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    [Description("Node that ran it last.")]
    public string? Worker { get; init; }

    [Description("How long its handler ran, seconds.")]
    public TimeSpan? Runtime { get; init; }

    public int Retries { get; init; }

    public string? RootId { get; init; }

    public string? ParentId { get; init; }

    public string? GroupId { get; init; }

    [Description("Its error, in a line or a few.")]
    public string? Error { get; init; }

    public ProgressView? Progress { get; init; }

    [Description("Where its message is while the broker holds it; not in lists.")]
    public LocationView? Message { get; init; }

    public static TaskView Of(TaskRecord record, TaskLocation? location = null) => new()
    {
        Id = record.Id,
        Name = record.Name,
        Queue = record.Queue ?? location?.Queue,
        State = record.State.Name,
        Priority = record.Priority,
        Args = record.Args,
        Kwargs = record.Kwargs,
        SubmittedAt = record.SubmittedAt,
        Function = record.Function,
        Eta = record.Eta,
        StartedAt = record.StartedAt,
        FinishedAt = record.FinishedAt,
        Worker = record.Worker,
        Runtime = record.Runtime,
        Retries = record.Retries,
        RootId = record.RootId,
        ParentId = record.ParentId,
        GroupId = record.GroupId,
        Error = record.Error,
        Progress = record.Progress is null && record.ProgressText is null ? null : new ProgressView(record.Progress, record.ProgressText),
        Message = LocationView.Of(location),
    };

    /// <summary>A task the history has not heard of, from what the broker and the result store say.</summary>
    public static TaskView Of(string id, TaskLocation? location, ResultDocument? result) => new()
    {
        Id = id,
        Name = result?.Name,
        Queue = location?.Queue ?? result?.Queue,
        State = (result?.State ?? TaskState.Pending).Name,
        FinishedAt = result?.DateDone,
        Worker = result?.Worker ?? location?.Worker,
        Retries = result?.Retries ?? 0,
        ParentId = result?.ParentId,
        GroupId = result?.GroupId,
        Message = LocationView.Of(location),
    };
}

/// <summary>How far a task is.</summary>
internal sealed record ProgressView([property: Description("0 to 1, or null where unknown.")] double? Fraction, string? Text);

/// <summary>Where a message is.</summary>
internal sealed record LocationView(
    [property: Description("ready, delayed, in_flight or dead.")] string Place,
    string? Worker,
    [property: Description("Deliveries so far.")] int DeliveryCount,
    [property: Description("Its time, where delayed.")] DateTimeOffset? NotBefore)
{
    public static LocationView? Of(TaskLocation? location) => location is null
        ? null
        : new LocationView(
            location.Place switch
            {
                MessagePlace.Ready => "ready",
                MessagePlace.Delayed => "delayed",
                MessagePlace.InFlight => "in_flight",
                _ => "dead",
            },
            location.Worker,
            location.DeliveryCount,
            location.NotBefore);
}

/// <summary>A page of tasks.</summary>
internal sealed record TaskPageView(IReadOnlyList<TaskView> Tasks, [property: Description("Pass it as cursor to get the next page; null on the last.")] string? Next);
