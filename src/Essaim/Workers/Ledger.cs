using System.Collections.Concurrent;

namespace Essaim;

/// <summary>Every claimed and not yet settled task of this worker, by the broker's name of its message. Safe on all threads.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, ReservedTask> _tasks = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _closing;

    /// <summary>Called when the last task was removed.</summary>
    public Action Emptied { get; set; } = () => { };

    public ICollection<ReservedTask> Tasks => _tasks.Values;

    /// <summary>Tasks of a queue and of those derived from it.</summary>
    public int Count(string baseQueue) => _tasks.Values.Count(task => QueueNames.BaseOf(task.Delivery.Queue) == baseQueue);

    public bool IsEmpty => _tasks.IsEmpty;

    public void Add(ReservedTask task) => _tasks[task.Delivery.Lease.MessageId] = task;

    public bool Holds(ReservedTask task) =>
        _tasks.TryGetValue(task.Delivery.Lease.MessageId, out ReservedTask? held) && held == task;

    public void Remove(ReservedTask task)
    {
        // Only this very delivery: after a lost lease the same message may have been claimed again by this same worker.
        _tasks.TryRemove(new KeyValuePair<string, ReservedTask>(task.Delivery.Lease.MessageId, task));
        if (!_tasks.IsEmpty)
            return;
        Emptied();
        if (_closing)
            _drained.TrySetResult();
    }

    /// <summary>Completes when nothing is left. Nothing may be added any more.</summary>
    public Task DrainedAsync()
    {
        _closing = true;
        if (_tasks.IsEmpty)
            _drained.TrySetResult();
        return _drained.Task;
    }
}
