namespace Essaim;

/// <summary>
/// Decides which reserved task begins next and on which slot, and how many more the worker should claim. Everything that changes the
/// state of a slot or a task goes through its one lock; nothing under it waits.
/// </summary>
internal sealed partial class Scheduler : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<ReservedTask> _waiting = new();
    private readonly LimitedTasks _limited;
    private readonly List<Slot> _slots = [];
    private readonly LookAhead _lookAhead = new();
    private readonly TimeProvider _time;
    private readonly Settler _settler;
    private readonly TaskReporter _reporter;
    private readonly Wake _demand;
    private readonly WorkerOptions _options;
    private readonly ITimer _watch;
    private readonly ITimer _rates;
    private bool _stopping;
    private bool _stopped;
    private long _tasksLeft;

    public Scheduler(WorkerOptions options, Settler settler, TaskReporter reporter, Wake demand, TimeProvider time)
    {
        _settler = settler;
        _reporter = reporter;
        _demand = demand;
        _time = time;
        _options = options;
        _memoryPeriod = MemoryPeriod(options);
        _softMemory = options.MaxMemoryPerChild;
        _mostLanes = options.Pool == WorkerPool.Processes ? options.TasksPerSharedChild - 1 : 0;
        _tasksLeft = options.MaxTasks ?? long.MaxValue;
        _limited = new LimitedTasks(time);
        _rates = time.CreateTimer(_ => AdmitLimited(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _memory = time.CreateTimer(_ => LookAtMemory(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watch = time.CreateTimer(_ => GiveBackStuck(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called, off the lock, when an executor is needed for a slot.</summary>
    public Action<Slot> OpenExecutor { get; set; } = _ => { };

    /// <summary>All tasks of <see cref="WorkerOptions.MaxTasks"/> were taken.</summary>
    public bool IsUsedUp
    {
        get
        {
            lock (_gate)
                return _tasksLeft <= 0;
        }
    }

    /// <summary>
    /// How many messages to claim now; 0: none. Never more than can begin soon, and not for a trickle while the slots still have
    /// something in hand.
    /// </summary>
    public int Want()
    {
        lock (_gate)
        {
            if (_stopping || _tasksLeft <= 0 || _limited.Count >= MostLimited)
                return 0;
            int idle = 0, inHand = _waiting.Count, target = 0;
            long now = _time.GetTimestamp();
            foreach (Slot slot in _slots)
            {
                inHand += slot.HandedOver.Count;
                if (!CanTake(slot))
                    continue;
                idle += slot.HandedOver.Count == 0 ? 1 : 0;
                bool shortTask = slot.HandedOver.Count == 0 || _time.GetElapsedTime(slot.HandedOver[0].StartedAt, now) < LookAhead.Window;
                target += 1 + (shortTask ? _lookAhead.PerSlot : 0);
            }

            // Without a slot, too, somebody must notice that there is work.
            if (NeedsFirstSlot)
                target = idle = 1;

            int room = target - inHand;
            if (room <= 0 || (idle <= _waiting.Count && room < target / 2))
                return 0;
            if (_limited.HasRates)
                room = Math.Min(room, MostLimited - _limited.Count);
            return (int)Math.Min(room, _tasksLeft);
        }
    }

    /// <summary>Takes claimed tasks, in the order they are to begin.</summary>
    public void Accept(IReadOnlyList<ReservedTask> tasks)
    {
        lock (_gate)
        {
            foreach (ReservedTask task in tasks)
            {
                if (!_limited.TryHold(task))
                    _waiting.AddLast(task);
            }

            _tasksLeft -= tasks.Count;
            if (_stopping)
                ReleaseWaiting(TimeSpan.Zero);
            else
                Dispatch();
        }

        Stirred();
    }

    /// <summary>Slots in numbers.</summary>
    public (int Slots, int Busy, int Waiting) Count()
    {
        lock (_gate)
            return (_slots.Count(slot => slot.Counts || _stopping), _slots.Count(slot => slot.HandedOver.Count > 0 || IsShared(slot)), _waiting.Count);
    }

    /// <summary>Process ids of the executors.</summary>
    public IReadOnlyList<int> GetProcessIds()
    {
        lock (_gate)
            return [.. _slots.Where(slot => slot.Executor is not null).Select(slot => slot.Executor!.ProcessId)];
    }

    /// <summary>Tasks that run, or that are in hand and do not.</summary>
    public IReadOnlyList<ReservedTask> GetTasks(bool running)
    {
        lock (_gate)
        {
            return running
                ? [.. _slots.SelectMany(PlacesOf).Where(slot => slot.HandedOver.Count > 0).Select(slot => slot.HandedOver[0])]
                : [.. _slots.SelectMany(slot => slot.HandedOver.Skip(1)), .. _waiting];
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
        _rates.Dispose();
        _memory.Dispose();
        foreach (Slot slot in _slots)
            slot.Dispose();
    }

    /// <summary>An executor's oldest task has ended.</summary>
    public void Ended(Slot slot, TaskOutcome outcome)
    {
        lock (_gate)
        {
            if (slot.HandedOver.Count == 0)
                return;
            ReservedTask task = TakeFirst(slot);
            TimeSpan took = Longer(outcome.Runtime, _time.GetElapsedTime(task.StartedAt));
            _lookAhead.Learn(took);
            LearnRuntime(took);
            BeginFirst(slot);
            Finish(task, outcome);
            // It has heeded; what it has started may not have.
            if (CauseOf(task) is { } cause && slot.Executor is { EndsWhole: true } && !slot.Killed)
                Kill(slot, cause, now: false);
            Recycle(slot.Primary ?? slot);
            Dispatch();
        }

        _demand.Signal();
    }

    /// <summary>An executor has given back the last tasks handed over.</summary>
    public void Recalled(Slot slot, int count)
    {
        lock (_gate)
        {
            slot.Recalling = false;
            PutBack(slot, count);
            slot.Taken -= count;
            if (_stopping)
                ReleaseWaiting(TimeSpan.Zero);
            Recycle(slot);
            Dispatch();
        }

        // Until now the slot took nothing: what ended meanwhile has asked for more in vain.
        _demand.Signal();
    }

    /// <summary>An executor is gone.</summary>
    public void Lost(Slot slot, EndCause cause)
    {
        if (slot.Primary is not null)
        {
            LostLane(slot, cause);
            return;
        }

        bool reopen;
        lock (_gate)
        {
            if (slot.HandedOver.Count > 0)
            {
                PutBack(slot, slot.HandedOver.Count - 1);
                ReservedTask task = slot.HandedOver[0];
                if (slot.Killed && task.Verdict == Verdict.None)
                    PutBack(slot, 1);
                else
                    Judge(TakeFirst(slot), cause);
            }

            bool bidden = slot.Killed || slot.State == SlotState.Closing;
            slot.EarlyDeaths = bidden || slot.Taken > 0 ? 0 : slot.EarlyDeaths + 1;
            slot.LastDeath = cause;
            if (slot.Executor is { EndsWhole: true } executor)
                ChildEnded(executor.ProcessId, cause);
            slot.Executor = null;
            slot.Running = null;
            // They tell of their tasks themselves.
            slot.Lanes.Clear();
            slot.Taken = 0;
            slot.Killed = slot.Recalling = slot.Spent = false;
            slot.State = SlotState.Starting;
            reopen = slot.Wanted && !_stopping && slot.Successor is null;
            PassOn(slot);
            if (!reopen)
                Discard(slot);
            if (_stopping)
                ReleaseWaiting(TimeSpan.Zero);
            Dispatch();
        }

        if (reopen)
            OpenExecutor(slot);
        _demand.Signal();
    }

    private bool CanTake(Slot slot) =>
        slot.State == SlotState.Open && slot.Wanted && !slot.Killed && !slot.Recalling && !slot.Spent && !Wear.IsSpent(slot.Taken)
        && (slot.HandedOver.Count > 0 || !IsShared(slot));

    private void Dispatch()
    {
        if (_stopping)
            return;
        if (_limited.Count > 0)
            TakeLimited();
        foreach (Slot slot in _slots)
        {
            if (slot.HandedOver.Count == 0 && CanTake(slot) && !TryHandOver(slot))
                break;
        }

        FillLanes();
        QueueAhead();
        Watch();
    }

    private void QueueAhead()
    {
        if (_waiting.Count == 0 || _lookAhead.PerExecutor == 0)
            return;
        long now = _time.GetTimestamp();
        foreach (Slot slot in _slots)
        {
            // In gulps: to hand over costs by the call, too.
            slot.Filling = CanTake(slot) && !IsShared(slot) && slot.HandedOver.Count > 0 && slot.HandedOver.Count <= (MostAhead(slot) + 1) / 2
                && _time.GetElapsedTime(slot.HandedOver[0].StartedAt, now) < LookAhead.Window;
        }

        for (bool any = true; any;)
        {
            any = false;
            foreach (Slot slot in _slots)
            {
                if (slot.Filling && CanTake(slot) && slot.HandedOver.Count <= MostAhead(slot))
                    any |= TryHandOver(slot);
            }
        }
    }

    private int MostAhead(Slot slot) => Math.Min(slot.Executor!.QueueLimit, _lookAhead.PerExecutor);

    private bool TryHandOver(Slot slot)
    {
        while (_waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            ReservedTask task = first.Value;
            if (!CanBegin(task))
                continue;
            HandOver(slot, task);
            return true;
        }

        return false;
    }

    private void HandOver(Slot slot, ReservedTask task)
    {
        slot.HandedOver.Add(task);
        // Counted for the child.
        (slot.Primary ?? slot).Taken++;
        // Begun before it runs: a quick task reports at once, and what nobody is known to run is dropped.
        if (slot.HandedOver.Count == 1)
            BeginFirst(slot);
        slot.Executor!.Run(task.Request);
    }

    private bool CanBegin(ReservedTask task)
    {
        if (task.Revoked)
            _settler.End(task, Outcomes.Revoked("revoked"));
        else if (task.Message.Expires is { } expires && expires < _time.GetUtcNow())
            _settler.End(task, Outcomes.Revoked("expired"));
        else
            return true;
        return false;
    }

    private void BeginFirst(Slot slot)
    {
        ReservedTask? task = slot.HandedOver.Count > 0 ? slot.HandedOver[0] : null;
        slot.Running = task;
        if (task is null)
            return;
        task.StartedAt = _time.GetTimestamp();
        task.StartedTime = _time.GetUtcNow();
        task.ProcessId = slot.Executor!.ProcessId;
        _reporter.Started(task);
        if (task.Verdict != Verdict.None || task.Request.SoftTimeLimit is not null || task.Request.HardTimeLimit is not null)
            ArmLimits(slot, task);
        WatchMemory();
    }

    private static ReservedTask TakeFirst(Slot slot)
    {
        ReservedTask task = slot.HandedOver[0];
        slot.HandedOver.RemoveAt(0);
        slot.Running = null;
        return task;
    }

    /// <summary>The last <paramref name="count"/> tasks of a slot wait again, before all others, in their order.</summary>
    private void PutBack(Slot slot, int count)
    {
        for (; count > 0 && slot.HandedOver.Count > 0; count--)
        {
            ReservedTask task = slot.HandedOver[^1];
            slot.HandedOver.RemoveAt(slot.HandedOver.Count - 1);
            task.StartedAt = 0;
            task.StartedTime = null;
            if (task.Verdict == Verdict.LeaseLost)
                _settler.Drop(task);
            else
                _waiting.AddFirst(task);
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
