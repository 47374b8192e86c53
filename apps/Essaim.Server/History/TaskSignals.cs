using System.Collections.Concurrent;

namespace Essaim.Server;

/// <summary>Tells those who follow a task that its record has grown. It latches: news between reading and waiting ends the wait at once.</summary>
internal sealed class TaskSignals
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Listener, bool>> _listeners = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Whether anybody follows a task.</summary>
    public bool HasListeners => !_listeners.IsEmpty;

    public Listener Listen(string taskId)
    {
        Listener listener = new(this, taskId);
        lock (_gate)
            _listeners.GetOrAdd(taskId, _ => new ConcurrentDictionary<Listener, bool>())[listener] = true;
        return listener;
    }

    public void Announce(IReadOnlyList<string> taskIds)
    {
        if (_listeners.IsEmpty)
            return;
        foreach (string taskId in taskIds)
        {
            if (!_listeners.TryGetValue(taskId, out ConcurrentDictionary<Listener, bool>? listeners))
                continue;
            foreach (Listener listener in listeners.Keys)
                listener.Set();
        }
    }

    private void Remove(Listener listener)
    {
        lock (_gate)
        {
            if (_listeners.TryGetValue(listener.TaskId, out ConcurrentDictionary<Listener, bool>? listeners) && listeners.TryRemove(listener, out _) && listeners.IsEmpty)
                _listeners.TryRemove(listener.TaskId, out _);
        }
    }

    /// <summary>One who follows one task.</summary>
    internal sealed class Listener(TaskSignals owner, string taskId) : IDisposable
    {
        private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string TaskId { get; } = taskId;

        public void Set() => Volatile.Read(ref _news).TrySetResult();

        /// <summary>Waits for news, at most <paramref name="atMost"/>. True where there is some.</summary>
        public async ValueTask<bool> WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
        {
            try
            {
                await _news.Task.WaitAsync(atMost, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return false;
            }

            Volatile.Write(ref _news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return true;
        }

        public void Dispose() => owner.Remove(this);
    }
}
