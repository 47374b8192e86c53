namespace Essaim;

/// <summary>What the number of slots depends on, as the scheduler sees it.</summary>
/// <param name="Slots">Slots, those being started included.</param>
/// <param name="Starting">Of these, those being started.</param>
/// <param name="Busy">Of these, those that run a task.</param>
/// <param name="Waiting">Tasks in hand that wait for a slot.</param>
/// <param name="Oldest">How long the first of them has waited here.</param>
/// <param name="Runtime">How long a task takes; null where that is not known, or where one that runs takes much longer.</param>
internal readonly record struct SchedulerLoad(int Slots, int Starting, int Busy, int Waiting, TimeSpan Oldest, TimeSpan? Runtime);

/// <summary>Slots that come when there is work.</summary>
internal sealed partial class Scheduler
{
    private const double RuntimeWeight = 0.1;
    private static readonly TimeSpan Surprise = TimeSpan.FromMilliseconds(20);
    private bool _onDemand;
    private double _runtimeTicks = -1;

    /// <summary>True where there may be no slot at all: one task is claimed even so, and waits for the slot that is opened for it.</summary>
    public bool OnDemand
    {
        set
        {
            lock (_gate)
                _onDemand = value;
        }
    }

    /// <summary>Called, maybe under the lock, when tasks have come.</summary>
    public Action Stirred { get; set; } = () => { };

    /// <summary>Looks now.</summary>
    public SchedulerLoad Observe()
    {
        lock (_gate)
        {
            int slots = 0, starting = 0, busy = 0;
            TimeSpan longest = TimeSpan.Zero;
            long now = _time.GetTimestamp();
            foreach (Slot slot in _slots)
            {
                if (!slot.Counts)
                    continue;
                slots++;
                starting += slot.State == SlotState.Starting ? 1 : 0;
                if (slot.HandedOver.Count > 0)
                    longest = Longer(longest, _time.GetElapsedTime(slot.HandedOver[0].StartedAt, now));
                busy += slot.HandedOver.Count > 0 || IsShared(slot) ? 1 : 0;
            }

            TimeSpan oldest = _waiting.First is { } first ? _time.GetElapsedTime(first.Value.ReceivedAt, now) : TimeSpan.Zero;
            return new SchedulerLoad(slots, starting, busy, _waiting.Count, oldest, TypicalRuntime(longest));
        }
    }

    /// <summary>Process ids of the children, and how many bytes the largest of them had before its first task.</summary>
    public (IReadOnlyList<int> Ids, long StartUpBytes) GetChildren()
    {
        lock (_gate)
        {
            IExecutor[] children = [.. _slots.Where(slot => slot.Executor is { EndsWhole: true }).Select(slot => slot.Executor!)];
            return ([.. children.Select(child => child.ProcessId)], children.Select(child => child.StartUpBytes).DefaultIfEmpty(0).Max());
        }
    }

    private TimeSpan? TypicalRuntime(TimeSpan longest)
    {
        if (_runtimeTicks < 0)
            return null;
        TimeSpan typical = TimeSpan.FromTicks((long)_runtimeTicks);
        return longest > 2 * typical + Surprise ? null : typical;
    }

    private void LearnRuntime(TimeSpan took) => _runtimeTicks = _runtimeTicks < 0 ? took.Ticks : _runtimeTicks + RuntimeWeight * (took.Ticks - _runtimeTicks);

    private bool NeedsFirstSlot => _onDemand && !_slots.Exists(slot => slot.Counts);

    /// <summary>Slots that are not there yet, and for which a task is held.</summary>
    private int CountComing()
    {
        int starting = _slots.Count(slot => slot is { Counts: true, State: SlotState.Starting });
        return starting == 0 && NeedsFirstSlot ? 1 : starting;
    }
}
