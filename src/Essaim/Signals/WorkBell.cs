namespace Essaim;

/// <summary>Wakes the listeners of queues in this process. Safe on all threads.</summary>
internal sealed class WorkBell(TimeProvider time)
{
    private readonly Lock _gate = new();
    private Listener[] _listeners = [];

    /// <summary>True where somebody listens.</summary>
    public bool Any => Volatile.Read(ref _listeners).Length > 0;

    /// <summary>A new listener on <paramref name="queues"/>.</summary>
    public IWorkSignal Listen(IEnumerable<string> queues)
    {
        Listener listener = new(this, new Latch(time), queues.ToHashSet(StringComparer.Ordinal));
        lock (_gate)
            _listeners = [.. _listeners, listener];
        return listener;
    }

    /// <summary>Wakes those who listen to <paramref name="queue"/>, or to the one it is derived from: they may not know it yet.</summary>
    public void Ring(string queue)
    {
        string origin = QueueNames.BaseOf(queue);
        foreach (Listener listener in Volatile.Read(ref _listeners))
        {
            if (listener.Queues.Contains(queue) || listener.Queues.Contains(origin))
                listener.Latch.Set();
        }
    }

    /// <summary>Wakes everybody.</summary>
    public void RingAll()
    {
        foreach (Listener listener in Volatile.Read(ref _listeners))
            listener.Latch.Set();
    }

    private sealed class Listener(WorkBell bell, Latch latch, HashSet<string> queues) : IWorkSignal
    {
        public Latch Latch => latch;

        public HashSet<string> Queues => queues;

        public ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => latch.WaitAsync(atMost, cancellationToken);

        public ValueTask DisposeAsync()
        {
            lock (bell._gate)
                bell._listeners = [.. bell._listeners.Where(other => other != this)];
            return ValueTask.CompletedTask;
        }
    }
}
