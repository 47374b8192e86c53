using Essaim.Protocol;

namespace Essaim;

/// <summary>What happens to firings whose time passed while nothing ran to fire them.</summary>
public enum CatchUpPolicy
{
    /// <summary>They are left out (the default). A firing less than a minute late still counts as on time.</summary>
    None,

    /// <summary>The latest of them fires, once.</summary>
    Last,

    /// <summary>All fire, oldest first; of more than 100, the latest 100.</summary>
    All,
}

/// <summary>What happens when a firing is due while the task of the previous one has not ended.</summary>
public enum OverlapPolicy
{
    /// <summary>Both run (the default).</summary>
    Allow,

    /// <summary>The firing is left out, and the log and a <c>schedule-skipped</c> event say so.</summary>
    Skip,
}

/// <summary>What a schedule sends, and when. Immutable.</summary>
public sealed record ScheduleDefinition
{
    /// <summary>When it fires.</summary>
    public required Recurrence Recurrence { get; init; }

    /// <summary>The task's name.</summary>
    public required string Task { get; init; }

    /// <summary>Positional arguments: a JSON list.</summary>
    public RawJson Args { get; init; } = RawJson.EmptyArray;

    /// <summary>Keyword arguments: a JSON object.</summary>
    public RawJson Kwargs { get; init; } = RawJson.EmptyObject;

    /// <summary>Queue; null: the task's own.</summary>
    public string? Queue { get; init; }

    /// <summary>Priority, 0 (highest) to 9; null: the task's own.</summary>
    public int? Priority { get; init; }

    /// <summary>A task still waiting this long after its firing is dropped; null: never.</summary>
    public TimeSpan? Expires { get; init; }

    /// <summary>Firings planned up to this instant are left out, and intervals are counted from it; null: from when it was added.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>What happens to missed firings. Default: none of them fires.</summary>
    public CatchUpPolicy CatchUp { get; init; }

    /// <summary>What happens while the previous firing's task has not ended. Default: both run.</summary>
    public OverlapPolicy Overlap { get; init; }

    /// <summary>A schedule of one task with its arguments, queue, priority and relative expiry taken from a signature.</summary>
    /// <exception cref="ScheduleException"><c>ESS4105</c> the signature is a chain, group or chord.</exception>
    public static ScheduleDefinition Of(Recurrence recurrence, Signature signature)
    {
        if (signature.SubtaskType is not null)
        {
            throw new ScheduleException(
                "ESS4105", $"A schedule sends one task, not a {signature.SubtaskType}. Schedule a task that sends the {signature.SubtaskType}.");
        }

        return new ScheduleDefinition
        {
            Recurrence = recurrence,
            Task = signature.Task,
            Args = signature.Args,
            Kwargs = signature.Kwargs,
            Queue = signature.Options.Queue,
            Priority = signature.Options.Priority,
            Expires = signature.Options.ExpiresIn,
        };
    }

    /// <summary>The first firing after <paramref name="after"/>, or null where none comes. Intervals are counted from <paramref name="phase"/>.</summary>
    internal DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset phase)
    {
        DateTimeOffset from = StartsAt is { } start && start > after ? start : after;
        return Recurrence.Next(from, StartsAt ?? phase);
    }

    /// <summary>Of the firings planned from <paramref name="from"/> to <paramref name="to"/>, the latest, oldest first.</summary>
    internal List<DateTimeOffset> Latest(DateTimeOffset from, DateTimeOffset to, int most)
    {
        List<DateTimeOffset> found = [];
        DateTimeOffset? at = Recurrence.Previous(to, StartsAt ?? from);
        while (at is { } planned && planned >= from && found.Count < most && (StartsAt is null || planned > StartsAt))
        {
            found.Add(planned);
            at = Recurrence.Previous(planned.AddTicks(-1), StartsAt ?? from);
        }

        found.Reverse();
        return found;
    }
}
