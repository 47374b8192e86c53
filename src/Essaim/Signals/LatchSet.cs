namespace Essaim;

/// <summary>Latches of those who wait for the same kind of news. Safe on all threads.</summary>
internal sealed class LatchSet(TimeProvider time)
{
    private readonly Lock _gate = new();
    private Latch[] _latches = [];

    /// <summary>True where somebody listens.</summary>
    public bool Any => Volatile.Read(ref _latches).Length > 0;

    /// <summary>A new listener; everything set from now on wakes it.</summary>
    public Latch Add()
    {
        Latch latch = new(time);
        lock (_gate)
            _latches = [.. _latches, latch];
        return latch;
    }

    /// <summary>The listener is gone.</summary>
    public void Remove(Latch latch)
    {
        lock (_gate)
            _latches = [.. _latches.Where(other => other != latch)];
    }

    /// <summary>Wakes all.</summary>
    public void SetAll()
    {
        foreach (Latch latch in Volatile.Read(ref _latches))
            latch.Set();
    }
}
