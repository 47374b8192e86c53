namespace Essaim;

/// <summary>Tasks in hand that do not begin: after a while they go back, for other slots or other workers.</summary>
internal sealed partial class Scheduler
{
    private static readonly TimeSpan WatchPeriod = LookAhead.LongestWait / 2;
    private bool _watching;

    private void Watch()
    {
        bool needed = _waiting.Count > 0 || _slots.Exists(slot => slot.HandedOver.Count > 1);
        if (needed == _watching)
            return;
        _watching = needed;
        _watch.Change(needed ? WatchPeriod : Timeout.InfiniteTimeSpan, needed ? WatchPeriod : Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes back what lies behind a task that turned out long, and returns to the broker what has waited too long.</summary>
    private void GiveBackStuck()
    {
        lock (_gate)
        {
            foreach (Slot slot in _slots)
            {
                if (slot.HandedOver.Count < 2 || slot.Recalling || slot.Executor is null)
                    continue;
                TimeSpan running = _time.GetElapsedTime(slot.HandedOver[0].StartedAt);
                if (running < LookAhead.Window)
                    continue;
                _lookAhead.Learn(running);
                slot.Recalling = true;
                slot.Executor.Recall();
            }

            ReleaseWaiting(LookAhead.LongestWait);
            Watch();
        }
    }

    private void ReleaseWaiting(TimeSpan waitedAtLeast)
    {
        // The newest first: each goes to the front of its queue, so the oldest ends up foremost.
        long now = _time.GetTimestamp();
        if (waitedAtLeast == TimeSpan.Zero)
            ReleaseLimited();
        // What slots that are on their way will take stays.
        int kept = waitedAtLeast == TimeSpan.Zero ? 0 : CountComing();
        for (LinkedListNode<ReservedTask>? node = _waiting.Last; node is not null && _waiting.Count > kept;)
        {
            LinkedListNode<ReservedTask>? previous = node.Previous;
            if (_time.GetElapsedTime(node.Value.ReceivedAt, now) >= waitedAtLeast)
            {
                _waiting.Remove(node);
                _tasksLeft++;
                _settler.Release(node.Value);
            }

            node = previous;
        }
    }
}
