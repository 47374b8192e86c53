namespace Essaim;

/// <summary>Children that have run long enough, or have grown too large, make room for fresh ones.</summary>
internal sealed partial class Scheduler
{
    private static readonly TimeSpan SoftMemoryPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan HardMemoryPeriod = TimeSpan.FromMilliseconds(100);
    private readonly ITimer _memory;
    private readonly TimeSpan? _memoryPeriod;
    private readonly long? _softMemory;
    private bool _looking;

    /// <summary>Bytes by process id, of each with all it has started. Called off the lock, by one thread at a time.</summary>
    public Func<IReadOnlyCollection<int>, IReadOnlyDictionary<int, long>> ReadMemory { get; set; } = new GroupMemory().Read;

    /// <summary>Says, under the lock, whether one more child may be there for a while.</summary>
    public Func<bool> HasRoom { get; set; } = () => true;

    /// <summary>Hears, under the lock, that a child has ended.</summary>
    public Action<int, EndCause> ChildEnded { get; set; } = (_, _) => { };

    /// <summary>Hears, under the lock, that a child is to be replaced because it has so many bytes.</summary>
    public Action<int, long> ChildTooLarge { get; set; } = (_, _) => { };

    /// <summary>The rule may change while the worker runs.</summary>
    private Recycling Wear => Recycling.Of(_options);

    /// <summary>How often busy children are looked at; null: not at all.</summary>
    public static TimeSpan? MemoryPeriod(WorkerOptions options) => options.Pool != WorkerPool.Processes ? null
        : options.MemoryLimitPerChild is not null ? HardMemoryPeriod
        : options.MaxMemoryPerChild is not null ? SoftMemoryPeriod
        : null;

    private void Recycle(Slot slot)
    {
        if (slot.State != SlotState.Open || slot.Killed)
            return;
        bool unwanted = !slot.Wanted && !_stopping;
        if (slot.HandedOver.Count == 0 && !IsShared(slot) && (unwanted || slot.Spent || Wear.IsSpent(slot.Taken)))
            Close(slot);
        else if (slot is { Wanted: true, Successor: null } && !_stopping && Wear.IsWorn(slot.Taken, _time.GetElapsedTime(slot.OpenedAt)))
            Replace(slot);
    }

    /// <summary>Opens another slot, which takes over as soon as it is there: until then this one goes on. Without room for both, this one goes first.</summary>
    private void Replace(Slot slot)
    {
        if (!HasRoom())
        {
            slot.Spent = true;
            Recycle(slot);
            return;
        }

        Slot successor = new(this, _reporter, _time) { Replaces = slot };
        slot.Successor = successor;
        _slots.Add(successor);
        // To start a process takes a while; nothing under the lock waits.
        ThreadPool.UnsafeQueueUserWorkItem(OpenExecutor, successor, preferLocal: false);
    }

    /// <summary>A slot is open: the one it replaces takes no more.</summary>
    private void TakeOver(Slot slot)
    {
        if (slot.Replaces is not { } old)
            return;
        slot.Replaces = null;
        old.Successor = null;
        old.Wanted = false;
        Recycle(old);
    }

    /// <summary>A slot goes before its successor is there, which is needed all the same where the slot was.</summary>
    private static void PassOn(Slot slot)
    {
        if (slot.Successor is not { } successor)
            return;
        slot.Successor = null;
        successor.Replaces = null;
    }

    /// <summary>A slot is not needed any more, and neither is its successor.</summary>
    private static void Dismiss(Slot slot)
    {
        slot.Wanted = false;
        if (slot.Successor is not { } successor)
            return;
        slot.Successor = null;
        successor.Replaces = null;
        successor.Wanted = false;
    }

    private static void Close(Slot slot)
    {
        slot.State = SlotState.Closing;
        // Ends in Lost, from another thread.
        IExecutor executor = slot.Executor!;
        _ = Task.Run(async () => await executor.DisposeAsync());
    }

    private void Discard(Slot slot)
    {
        _slots.Remove(slot);
        slot.Dispose();
    }

    private void WatchMemory()
    {
        if (_looking || _memoryPeriod is not { } period)
            return;
        _looking = true;
        _memory.Change(period, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Timer: has a child taken more than it may? Once more after the last task, so that none is missed.</summary>
    private void LookAtMemory()
    {
        List<(Slot Slot, IExecutor Executor)> children;
        bool busy;
        lock (_gate)
        {
            children = [.. _slots.Where(slot => slot is { State: SlotState.Open, Killed: false }).Select(slot => (slot, slot.Executor!))];
            busy = children.Exists(child => child.Slot.HandedOver.Count > 0 || IsShared(child.Slot));
        }

        IReadOnlyDictionary<int, long> sizes = ReadMemory([.. children.Select(child => child.Executor.ProcessId)]);
        foreach ((Slot slot, IExecutor executor) in children)
        {
            long bytes = sizes.GetValueOrDefault(executor.ProcessId);
            EndCause? fault = executor.FindMemoryFault(bytes);
            lock (_gate)
            {
                if (slot.Executor == executor && slot is { State: SlotState.Open, Killed: false })
                    HeedMemory(slot, bytes, fault);
            }
        }

        lock (_gate)
        {
            _looking = busy;
            if (busy)
                _memory.Change(_memoryPeriod!.Value, Timeout.InfiniteTimeSpan);
        }
    }

    private void HeedMemory(Slot slot, long bytes, EndCause? fault)
    {
        if (fault is not null)
        {
            // Not marked as killed by the worker's wish: its task counts as one that ended its process.
            slot.Spent = true;
            slot.Executor!.Kill(fault, now: true);
            return;
        }

        if (slot.Spent || !(bytes > _softMemory))
            return;
        slot.Spent = true;
        ChildTooLarge(slot.Executor!.ProcessId, bytes);
        if (slot.HandedOver.Count > 1 && !slot.Recalling)
        {
            slot.Recalling = true;
            slot.Executor.Recall();
        }

        Recycle(slot);
    }
}
