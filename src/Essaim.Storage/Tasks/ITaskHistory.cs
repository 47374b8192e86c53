namespace Essaim.Storage;

/// <summary>
/// Every task the core has heard of, with what happened to it in order. It outlives results and events, and restarts of the core.
/// A terminal state is written once; see <see cref="TaskRecord.Apply"/> for the rules.
/// </summary>
internal interface ITaskHistory
{
    /// <summary>
    /// Records changes and, in the same transaction, how far their source was read: after a crash nothing is missing and
    /// nothing is counted twice. Returns the ids of tasks that got new entries.
    /// </summary>
    ValueTask<IReadOnlyList<string>> RecordAsync(HistoryBatch batch, CancellationToken cancellationToken);

    /// <summary>How far a source was recorded; null before its first batch.</summary>
    ValueTask<long?> GetCursorAsync(string source, CancellationToken cancellationToken);

    /// <summary>One task, or null where it was never heard of or its record has been pruned.</summary>
    ValueTask<TaskRecord?> GetAsync(string tenant, string taskId, CancellationToken cancellationToken);

    /// <summary>Tasks, newest submission first.</summary>
    ValueTask<TaskPage> ListAsync(TaskQuery query, CancellationToken cancellationToken);

    /// <summary>What happened to a task after entry <paramref name="after"/> (0: from the first kept), oldest first, at most <paramref name="max"/>.</summary>
    ValueTask<IReadOnlyList<TaskEntry>> GetEntriesAsync(string tenant, string taskId, long after, int max, CancellationToken cancellationToken);

    /// <summary>Removes what is too old or too much, a bounded number at a time. Returns how many tasks went.</summary>
    ValueTask<int> PruneAsync(HistoryRetention retention, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>What is recorded in one transaction.</summary>
/// <param name="Tasks">Changes of tasks, in the order they are to be applied.</param>
/// <param name="Workers">Signs of life of workers.</param>
/// <param name="Cursor">Source and position that this batch reaches; null where it has no source.</param>
internal sealed record HistoryBatch(
    IReadOnlyList<TaskChange> Tasks, IReadOnlyList<WorkerSighting> Workers, (string Source, long Position)? Cursor = null);

/// <summary>How much history is kept.</summary>
/// <param name="MaxAge">Tasks whose last change is older go.</param>
/// <param name="MaxTasks">Beyond this many, the oldest ended tasks go.</param>
internal sealed record HistoryRetention(TimeSpan MaxAge, long MaxTasks);
