namespace Essaim;

/// <summary>A message on its way into the broker, with the facts the broker itself needs.</summary>
public sealed record OutgoingMessage
{
    /// <summary>The envelope, as <see cref="Protocol.MessageCodec"/> writes it.</summary>
    public required ReadOnlyMemory<byte> Envelope { get; init; }

    /// <summary>The task's id, as in the envelope.</summary>
    public required string TaskId { get; init; }

    /// <summary>The task's name, as in the envelope.</summary>
    public required string TaskName { get; init; }

    /// <summary>The queue it goes to.</summary>
    public required string Queue { get; init; }

    /// <summary>
    /// A named exchange, on transports that have bindings: the message goes to every queue bound to it under <see cref="RoutingKey"/>, and to
    /// <see cref="Queue"/> only where none is. Empty (default): to <see cref="Queue"/>.
    /// </summary>
    public string Exchange { get; init; } = "";

    /// <summary>For <see cref="Exchange"/>.</summary>
    public string RoutingKey { get; init; } = "";

    /// <summary>0 (highest, the default) to 9.</summary>
    public int Priority { get; init; }

    /// <summary>Not to be claimed before this instant; null means at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>
    /// The retry of a message in an ordered queue: it becomes ready at the front, and until then the queue gives nothing to those who claim it as
    /// <see cref="QueueLimits.Ordered"/>. Default false.
    /// </summary>
    public bool KeepsPlace { get; init; }

    /// <summary>While a task holds this key, another message with it is not accepted. Null: no such rule.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>How long the key is held at the longest, should the task never end. Default 24 h.</summary>
    public TimeSpan UniqueFor { get; init; } = TimeSpan.FromHours(24);
}

/// <summary>The size of a chord, made known before its header's messages are visible.</summary>
/// <param name="GroupId">Group id of the header.</param>
/// <param name="Size">How many parts must end.</param>
/// <param name="SavedGroup">
/// Celery's saved group structure (<c>{"result": …}</c>) where a header element yields several results, else null.
/// </param>
public sealed record ChordStart(string GroupId, int Size, Protocol.RawJson? SavedGroup = null);

/// <summary>Messages and chord sizes published in one atomic step.</summary>
/// <param name="Messages">Messages, in the order they are to be queued.</param>
/// <param name="Chords">Chords whose headers are among the messages.</param>
public sealed record Outgoing(IReadOnlyList<OutgoingMessage> Messages, IReadOnlyList<ChordStart> Chords)
{
    /// <summary>Nothing to publish.</summary>
    public static Outgoing Nothing { get; } = new([], []);

    /// <summary>One message.</summary>
    public static Outgoing Of(OutgoingMessage message) => new([message], []);
}

/// <summary>What became of one published message.</summary>
/// <param name="Accepted">False where the unique key is held by another task.</param>
/// <param name="TaskId">The id of the task that holds the place: the message's own, or the holder's.</param>
public readonly record struct PublishOutcome(bool Accepted, string TaskId);

/// <summary>A unique key and the task that holds it.</summary>
/// <param name="Key">The key.</param>
/// <param name="TaskId">The task; where another holds the key by now, it keeps it.</param>
public readonly record struct UniqueHold(string Key, string TaskId);
