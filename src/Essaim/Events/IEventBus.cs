using Essaim.Protocol;

namespace Essaim;

/// <summary>Celery's events (<c>task-*</c>, <c>worker-*</c>) and Essaim's own (<c>task-progress</c>, <c>task-log</c>). Safe on all threads.</summary>
public interface IEventBus
{
    /// <summary>
    /// False only where what is published now reaches nobody: there is no log, and nobody listens. Cheap enough to be asked for each event,
    /// so that none is made in vain; a listener that has just come may miss those of a quarter of a second.
    /// </summary>
    bool IsHeard { get; }

    /// <summary>Announces events. Best effort: an event is worth less than a task, so nothing waits for a disk.</summary>
    ValueTask PublishAsync(IReadOnlyList<EventRecord> events, CancellationToken cancellationToken);

    /// <summary>
    /// Events after <paramref name="position"/> (null: from now on), then those that come, until cancelled. A transport
    /// that keeps no log starts from now and numbers what it sees.
    /// </summary>
    IAsyncEnumerable<EventEntry> SubscribeAsync(long? position, CancellationToken cancellationToken);
}

/// <summary>One event: Celery's flat JSON object with the facts used for routing beside it.</summary>
/// <param name="Type">Such as <c>task-started</c>.</param>
/// <param name="Hostname">The node it speaks of, <c>name@host</c>.</param>
/// <param name="TaskId">The task (<c>uuid</c>), or null for worker events.</param>
/// <param name="At">When.</param>
/// <param name="Body">The whole event object as JSON, with <c>type</c>, <c>hostname</c>, <c>timestamp</c>, <c>pid</c>, <c>clock</c>, <c>utcoffset</c> and the type's own fields.</param>
public sealed record EventRecord(string Type, string Hostname, string? TaskId, DateTimeOffset At, RawJson Body)
{
    /// <summary>Set by who knows that <see cref="Body"/> says all of it, as Celery's events do: a transport then need not look. Default false.</summary>
    public bool BodyIsComplete { get; init; }
}

/// <summary>An event with its place in the log.</summary>
/// <param name="Position">Grows with each event.</param>
/// <param name="Event">The event.</param>
public sealed record EventEntry(long Position, EventRecord Event);
