namespace Essaim;

/// <summary>
/// Tasks that mostly wait (queues of class io and api) may share a child: while a slot's own task is such a one, others run beside it in lanes. When
/// its own task has ended it takes nothing more until the lanes are empty; then any task may have it, so that sharing starves nobody. What may have
/// ended a child before runs alone.
/// </summary>
internal sealed partial class Scheduler
{
    private readonly int _mostLanes;

    /// <summary>How many tasks that may share a child could begin beside those that run; 0 where a slot is idle, or tasks are short.</summary>
    public int WantShared()
    {
        lock (_gate)
        {
            if (_stopping || _tasksLeft <= 0 || _mostLanes == 0 || _waiting.Count > 0 || _limited.Count >= MostLimited || _lookAhead.PerSlot > 0)
                return 0;
            int room = _slots.Sum(FreeLanes);
            if (_limited.HasRates)
                room = Math.Min(room, MostLimited - _limited.Count);
            return (int)Math.Min(room, _tasksLeft);
        }
    }

    private static bool IsShared(Slot slot) => slot.Lanes.Exists(lane => lane.HandedOver.Count > 0);

    private static IEnumerable<Slot> PlacesOf(Slot slot) => slot.Lanes.Prepend(slot);

    private int FreeLanes(Slot slot) =>
        CanTake(slot) && slot.HandedOver is [{ SharesChild: true }] ? _mostLanes - slot.Lanes.Count(lane => lane.HandedOver.Count > 0) : 0;

    /// <summary>Begins what may share a child beside what runs.</summary>
    private void FillLanes()
    {
        if (_mostLanes == 0 || _waiting.Count == 0 || _lookAhead.PerExecutor > 0)
            return;
        for (LinkedListNode<ReservedTask>? node = _waiting.First; node is not null;)
        {
            LinkedListNode<ReservedTask>? next = node.Next;
            if (node.Value.SharesChild)
            {
                if (FindLane() is not { } lane)
                    return;
                _waiting.Remove(node);
                if (CanBegin(node.Value))
                    HandOver(lane, node.Value);
            }

            node = next;
        }
    }

    private Slot? FindLane()
    {
        foreach (Slot slot in _slots)
        {
            if (FreeLanes(slot) == 0)
                continue;
            if (slot.Lanes.Find(lane => lane.HandedOver.Count == 0) is { } idle)
                return idle;
            Slot fresh = new(this, _reporter, _time) { Primary = slot };
            if (slot.Executor!.OpenLane(fresh) is not { } executor)
            {
                fresh.Dispose();
                continue;
            }

            (fresh.Executor, fresh.State) = (executor, SlotState.Open);
            slot.Lanes.Add(fresh);
            return fresh;
        }

        return null;
    }

    /// <summary>The child of a lane is gone.</summary>
    private void LostLane(Slot lane, EndCause cause)
    {
        lock (_gate)
        {
            lane.Primary!.Lanes.Remove(lane);
            if (lane.HandedOver.Count > 0)
            {
                if (lane.Killed && lane.HandedOver[0].Verdict == Verdict.None)
                    PutBack(lane, 1);
                else
                    Judge(TakeFirst(lane), cause);
            }

            lane.Running = null;
            lane.Executor = null;
            lane.Dispose();
            if (_stopping)
                ReleaseWaiting(TimeSpan.Zero);
            Dispatch();
        }

        _demand.Signal();
    }
}
