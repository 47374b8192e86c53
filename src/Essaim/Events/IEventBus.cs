using Essaim.Protocol;

namespace Essaim;

/// <summary>Celery's events (<c>task-*</c>, <c>worker-*</c>) and Essaim's own (<c>task-progress</c>, <c>task-log</c>). Safe on all threads.</summary>
public interface IEventBus
{
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
public sealed record EventRecord(string Type, string Hostname, string? TaskId, DateTimeOffset At, RawJson Body);

/// <summary>An event with its place in the log.</summary>
/// <param name="Position">Grows with each event.</param>
/// <param name="Event">The event.</param>
public sealed record EventEntry(long Position, EventRecord Event);
