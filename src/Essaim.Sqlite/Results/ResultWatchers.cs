namespace Essaim.Sqlite;

/// <summary>Who in this process waits for which result. Safe on all threads.</summary>
internal sealed class ResultWatchers(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LatchSet> _watchers = new(StringComparer.Ordinal);
    private readonly Lock _following = new();
    private long? _seen;

    public bool Any
    {
        get
        {
            lock (_gate)
                return _watchers.Count > 0;
        }
    }

    public Latch Add(string taskId)
    {
        lock (_gate)
        {
            if (!_watchers.TryGetValue(taskId, out LatchSet? latches))
                _watchers.Add(taskId, latches = new LatchSet(time));
            return latches.Add();
        }
    }

    public void Remove(string taskId, Latch latch)
    {
        lock (_gate)
        {
            LatchSet latches = _watchers[taskId];
            latches.Remove(latch);
            if (!latches.Any)
                _watchers.Remove(taskId);
        }
    }

    /// <summary>These results changed.</summary>
    public void Changed(IEnumerable<string> taskIds)
    {
        lock (_gate)
        {
            if (_watchers.Count == 0)
                return;
            foreach (string taskId in taskIds)
            {
                if (_watchers.TryGetValue(taskId, out LatchSet? latches))
                    latches.SetAll();
            }
        }
    }

    /// <summary>Another process changed results: finds out which, by their versions.</summary>
    public void Follow(ReadPool reads)
    {
        lock (_following)
        {
            if (!Any)
            {
                // Whoever begins to watch reads first; what changed before does not matter.
                _seen = null;
                return;
            }

            // Nothing is known yet of what was seen: everybody looks once.
            if (_seen is null)
            {
                _seen = reads.Read(ResultRows.ReadLastVersion);
                ChangedAll();
                return;
            }

            List<(long Version, string TaskId)> changes;
            do
            {
                changes = reads.Read(database => ResultRows.ReadChanges(database, _seen.Value));
                Changed(changes.Select(change => change.TaskId));
                if (changes.Count > 0)
                    _seen = changes[^1].Version;
            }
            while (changes.Count > 0);
        }
    }

    private void ChangedAll()
    {
        lock (_gate)
        {
            foreach (LatchSet latches in _watchers.Values)
                latches.SetAll();
        }
    }
}
