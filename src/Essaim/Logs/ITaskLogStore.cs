namespace Essaim;

/// <summary>
/// What tasks have written, byte for byte and in order, kept in the broker until its time is over. A place in a log is how many bytes come before
/// it, so that who reads can go on just there, now or later. Safe on all threads and processes.
/// </summary>
public interface ITaskLogStore
{
    /// <summary>How far a log goes; null where there is none, or none any more.</summary>
    ValueTask<TaskLogState?> FindAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>
    /// Adds to a log where nobody else has: where its mark is still <see cref="TaskLogAppend.After"/>. To be asked twice is as good as once, so a
    /// writer that was not answered, or its successor, goes on from what is there without losing or doubling anything.
    /// </summary>
    /// <returns>The mark there is now: <see cref="TaskLogAppend.Mark"/> where it was added; another's, or null where there is no log, where nothing was.</returns>
    ValueTask<string?> AppendAsync(TaskLogAppend append, CancellationToken cancellationToken);

    /// <summary>Reads on.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="from">The place to begin: bytes before it; 0 for all. It may lie within a piece.</param>
    /// <param name="max">Pieces, at most; each has up to 64 KiB.</param>
    /// <param name="wait">How long to wait where nothing is there yet; zero: not at all. By the machine's clock.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What comes next; empty where nothing came. Where the first begins later than asked for, what was before is not kept any more.</returns>
    ValueTask<IReadOnlyList<TaskLogPiece>> ReadAsync(string taskId, long from, int max, TimeSpan wait, CancellationToken cancellationToken);
}

/// <summary>How far a log goes.</summary>
/// <param name="Length">Its bytes.</param>
/// <param name="Mark">What its writer noted last.</param>
public sealed record TaskLogState(long Length, string Mark);

/// <summary>What to add to a log.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="After">The mark the writer knows; null to begin a log.</param>
/// <param name="Mark">What to note: no other append's, not empty.</param>
/// <param name="Keep">How long the whole log is kept from now on; more than zero.</param>
public sealed record TaskLogAppend(string TaskId, string? After, string Mark, TimeSpan Keep)
{
    /// <summary>The pieces, none of them empty; may be none, to change the mark or the time alone.</summary>
    public IReadOnlyList<TaskLogPiece> Pieces { get; init; } = [];
}

/// <summary>Something written.</summary>
/// <param name="Source">By what.</param>
/// <param name="At">When.</param>
/// <param name="Bytes">As written.</param>
public sealed record TaskLogPiece(TaskLogSource Source, DateTimeOffset At, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Where it begins; given by the store.</summary>
    public long Offset { get; init; }

    /// <summary>Where the next begins.</summary>
    public long End => Offset + Bytes.Length;
}

/// <summary>What wrote a piece of a log.</summary>
public enum TaskLogSource
{
    /// <summary>Its stdout.</summary>
    Output = 1,

    /// <summary>Its stderr.</summary>
    Error = 2,

    /// <summary>A line about it, not of its own: a line of its log with a level, what is missing, a new beginning.</summary>
    Note = 3,
}
