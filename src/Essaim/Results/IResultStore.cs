using Essaim.Protocol;

namespace Essaim;

/// <summary>Results by task id, and the durable feed of completions. Safe on all threads.</summary>
public interface IResultStore
{
    /// <summary>Stores a passing state (STARTED, PROGRESS, a word of the user's own) and announces it. A ready state stays.</summary>
    ValueTask SetAsync(ResultWrite write, CancellationToken cancellationToken);

    /// <summary>The stored document, or null where nothing is stored (PENDING, or expired).</summary>
    ValueTask<ResultDocument?> GetAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>The stored documents of many tasks, same order, null where nothing is stored.</summary>
    ValueTask<IReadOnlyList<ResultDocument?>> GetManyAsync(IReadOnlyList<string> taskIds, CancellationToken cancellationToken);

    /// <summary>
    /// The stored document now (if any), then each change, ending after a ready state. Passing states may be skipped
    /// when they change fast; the ready state never is.
    /// </summary>
    IAsyncEnumerable<ResultDocument> WatchAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>Removes stored results.</summary>
    ValueTask ForgetAsync(IReadOnlyList<string> taskIds, CancellationToken cancellationToken);

    /// <summary>Saves a group's structure under its id, as <c>GroupResult.save()</c> does.</summary>
    ValueTask SaveGroupAsync(string groupId, RawJson structure, TimeSpan? expiresAfter, CancellationToken cancellationToken);

    /// <summary>A saved group's structure, or null.</summary>
    ValueTask<RawJson?> GetGroupAsync(string groupId, CancellationToken cancellationToken);

    /// <summary>Completions after <paramref name="position"/> (0: from the oldest kept), oldest first, at most <paramref name="max"/>.</summary>
    ValueTask<IReadOnlyList<FeedEntry>> ReadCompletionsAsync(long position, int max, CancellationToken cancellationToken);
}

/// <summary>One entry of the completion feed.</summary>
/// <param name="Position">Grows by at least one each entry.</param>
/// <param name="Completion">What completed.</param>
public sealed record FeedEntry(long Position, Completion Completion);
