using System.Runtime.CompilerServices;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Results and the completion feed in memory.</summary>
internal sealed class InMemoryResultStore(Lock gate, TimeProvider time) : IResultStore
{
    // As long as the embedded broker keeps its feed.
    private const int MostCompletions = 100_000;
    private readonly Dictionary<string, (ResultWrite Write, DateTimeOffset Until)> _results = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (RawJson Structure, DateTimeOffset Until)> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LatchSet> _watchers = new(StringComparer.Ordinal);
    private readonly Queue<FeedEntry> _feed = [];
    private long _lastPosition;

    public ValueTask SetAsync(ResultWrite write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            Store(write, time.GetUtcNow());
        return ValueTask.CompletedTask;
    }

    public ValueTask<ResultDocument?> GetAsync(string taskId, CancellationToken cancellationToken) => new(Decode(Find(taskId)));

    public ValueTask<IReadOnlyList<ResultDocument?>> GetManyAsync(IReadOnlyList<string> taskIds, CancellationToken cancellationToken) =>
        new([.. taskIds.Select(taskId => Decode(Find(taskId)))]);

    public async IAsyncEnumerable<ResultDocument> WatchAsync(string taskId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Latch changed = StartWatching(taskId);
        try
        {
            for (ResultWrite? last = null; ;)
            {
                ResultWrite? current = Find(taskId);
                if (current is not null && current != last)
                {
                    yield return ResultDocument.Decode(current.Document);
                    if (current.State.IsReady)
                        yield break;
                }

                last = current;
                await changed.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
        finally
        {
            StopWatching(taskId, changed);
        }
    }

    public ValueTask ForgetAsync(IReadOnlyList<string> taskIds, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            foreach (string taskId in taskIds)
                Forget(taskId);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask SaveGroupAsync(string groupId, RawJson structure, TimeSpan? expiresAfter, CancellationToken cancellationToken)
    {
        lock (gate)
            SaveGroup(groupId, structure, expiresAfter);
        return ValueTask.CompletedTask;
    }

    public ValueTask<RawJson?> GetGroupAsync(string groupId, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            bool kept = _groups.TryGetValue(groupId, out (RawJson Structure, DateTimeOffset Until) group) && group.Until > time.GetUtcNow();
            return new(kept ? group.Structure : null);
        }
    }

    public ValueTask<IReadOnlyList<FeedEntry>> ReadCompletionsAsync(long position, int max, CancellationToken cancellationToken)
    {
        lock (gate)
            return new([.. _feed.Where(entry => entry.Position > position).Take(max)]);
    }

    /// <summary>Stores under the gate, unless a ready state is there, and tells watchers.</summary>
    internal void Store(ResultWrite write, DateTimeOffset now)
    {
        if (_results.TryGetValue(write.TaskId, out (ResultWrite Write, DateTimeOffset Until) stored) && stored.Write.State.IsReady && stored.Until > now)
            return;
        _results[write.TaskId] = (write, Until(write.ExpiresAfter, now));
        if (_watchers.TryGetValue(write.TaskId, out LatchSet? watchers))
            watchers.SetAll();
    }

    /// <summary>Appends to the feed under the gate.</summary>
    internal void Append(Completion completion)
    {
        _feed.Enqueue(new FeedEntry(++_lastPosition, completion));
        if (_feed.Count > MostCompletions)
            _feed.Dequeue();
    }

    /// <summary>Forgets under the gate.</summary>
    internal void Forget(string taskId) => _results.Remove(taskId);

    /// <summary>Saves under the gate.</summary>
    internal void SaveGroup(string groupId, RawJson structure, TimeSpan? expiresAfter) =>
        _groups[groupId] = (structure, Until(expiresAfter, time.GetUtcNow()));

    /// <summary>Removes under the gate what has expired.</summary>
    internal int Prune(DateTimeOffset now)
    {
        string[] results = [.. _results.Where(pair => pair.Value.Until <= now).Select(pair => pair.Key)];
        string[] groups = [.. _groups.Where(pair => pair.Value.Until <= now).Select(pair => pair.Key)];
        foreach (string taskId in results)
            _results.Remove(taskId);
        foreach (string groupId in groups)
            _groups.Remove(groupId);
        return results.Length + groups.Length;
    }

    private static DateTimeOffset Until(TimeSpan? expiresAfter, DateTimeOffset now) => expiresAfter is { } span ? now + span : DateTimeOffset.MaxValue;

    private static ResultDocument? Decode(ResultWrite? write) => write is null ? null : ResultDocument.Decode(write.Document);

    private ResultWrite? Find(string taskId)
    {
        lock (gate)
        {
            return _results.TryGetValue(taskId, out (ResultWrite Write, DateTimeOffset Until) stored) && stored.Until > time.GetUtcNow()
                ? stored.Write
                : null;
        }
    }

    private Latch StartWatching(string taskId)
    {
        lock (gate)
        {
            if (!_watchers.TryGetValue(taskId, out LatchSet? watchers))
                _watchers.Add(taskId, watchers = new LatchSet(time));
            return watchers.Add();
        }
    }

    private void StopWatching(string taskId, Latch latch)
    {
        lock (gate)
        {
            _watchers[taskId].Remove(latch);
            if (!_watchers[taskId].Any)
                _watchers.Remove(taskId);
        }
    }
}
