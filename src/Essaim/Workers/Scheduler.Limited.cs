namespace Essaim;

/// <summary>Tasks that wait for their name's rate: they begin as soon as it allows and a slot is idle.</summary>
internal sealed partial class Scheduler
{
    /// <summary>
    /// So many may wait in hand; then nothing more is claimed, so that other workers find something in the queue. As Celery's prefetch
    /// window, this bounds what else can be claimed beside them, too.
    /// </summary>
    private int MostLimited => Math.Max(16, 4 * _slots.Count);

    /// <summary>Tasks in hand that wait for their rate.</summary>
    public int CountLimited()
    {
        lock (_gate)
            return _limited.Count;
    }

    /// <summary>Changes how many tasks of a name may begin a second; 0: any number.</summary>
    public void SetRate(string taskName, double perSecond)
    {
        lock (_gate)
        {
            foreach (ReservedTask task in _limited.SetRate(taskName, perSecond))
                _waiting.AddLast(task);
            Dispatch();
        }

        _demand.Signal();
    }

    /// <summary>Timer: one more may begin.</summary>
    private void AdmitLimited()
    {
        lock (_gate)
            Dispatch();
        _demand.Signal();
        Stirred();
    }

    private void TakeLimited()
    {
        // Only as many as begin at once: a token is spent by beginning, not by waiting for a slot.
        int idle = _slots.Count(slot => slot.HandedOver.Count == 0 && CanTake(slot));
        if (NeedsFirstSlot && _waiting.Count == 0)
            idle = 1;
        List<ReservedTask> ready = [];
        while (ready.Count < idle && _limited.TakeReady() is { } task)
            ready.Add(task);
        for (int index = ready.Count - 1; index >= 0; index--)
            _waiting.AddFirst(ready[index]);
        // With all slots busy the end of a task comes back here.
        if (ready.Count < idle && _limited.NextIn() is { } next)
            _rates.Change(next, Timeout.InfiniteTimeSpan);
    }

    private void ReleaseLimited()
    {
        foreach (ReservedTask task in _limited.TakeAll())
        {
            _tasksLeft++;
            _settler.Release(task);
        }
    }
}
