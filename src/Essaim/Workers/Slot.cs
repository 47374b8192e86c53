using Essaim.Protocol;

namespace Essaim;

/// <summary>Where a slot stands.</summary>
internal enum SlotState
{
    /// <summary>Its executor is being started.</summary>
    Starting,

    /// <summary>It takes tasks.</summary>
    Open,

    /// <summary>Its executor is being ended, by the worker's wish.</summary>
    Closing,
}

/// <summary>One place to run tasks. Its executor comes and goes; what happens in it is told to the <see cref="Scheduler"/>, whose lock guards it.</summary>
internal sealed class Slot : IExecutorListener, IDisposable
{
    private readonly Scheduler _scheduler;
    private readonly TaskReporter _reporter;
    private readonly ITimer _limits;
    private ReservedTask? _running;

    public Slot(Scheduler scheduler, TaskReporter reporter, TimeProvider time)
    {
        _scheduler = scheduler;
        _reporter = reporter;
        _limits = time.CreateTimer(_ => scheduler.CheckLimits(this), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public SlotState State { get; set; }

    public IExecutor? Executor { get; set; }

    /// <summary>Tasks handed over, in order; the first one runs.</summary>
    public List<ReservedTask> HandedOver { get; } = [];

    /// <summary>Tasks handed over to the present executor.</summary>
    public int Taken { get; set; }

    /// <summary>More is being handed over, within one turn of the scheduler.</summary>
    public bool Filling { get; set; }

    /// <summary>An answer to a recall is on its way.</summary>
    public bool Recalling { get; set; }

    /// <summary>The worker has ended the executor.</summary>
    public bool Killed { get; set; }

    /// <summary>Executors in a row that ended, unbidden, before they had taken a task.</summary>
    public int EarlyDeaths { get; set; }

    /// <summary>How the last executor ended.</summary>
    public EndCause? LastDeath { get; set; }

    /// <summary>Timestamp of when the present executor came up.</summary>
    public long OpenedAt { get; set; }

    /// <summary>The present executor takes no more tasks, and is replaced when those in hand have ended.</summary>
    public bool Spent { get; set; }

    /// <summary>The slot that takes over from this one as soon as it is open.</summary>
    public Slot? Successor { get; set; }

    /// <summary>The slot this one is to take over from; null once it is open. Until then it counts for nothing.</summary>
    public Slot? Replaces { get; set; }

    /// <summary>One of the slots there are to be.</summary>
    public bool Counts => Wanted && Replaces is null;

    /// <summary>The slot in whose child this one is a lane; null: it has a child of its own.</summary>
    public Slot? Primary { get; init; }

    /// <summary>Places beside its own in its child, in use or idle.</summary>
    public List<Slot> Lanes { get; } = [];

    /// <summary>False where the slot goes with its executor.</summary>
    public bool Wanted { get; set; } = true;

    /// <summary>The running task; set by the scheduler, read by whoever reports.</summary>
    public ReservedTask? Running
    {
        get => Volatile.Read(ref _running);
        set => Volatile.Write(ref _running, value);
    }

    /// <summary>When <see cref="Scheduler.CheckLimits"/> is called for this slot; infinite: not.</summary>
    public void CheckLimitsIn(TimeSpan delay) => _limits.Change(delay < TimeSpan.Zero ? TimeSpan.Zero : delay, Timeout.InfiniteTimeSpan);

    public void OnEnded(TaskOutcome outcome) => _scheduler.Ended(this, outcome);

    public void OnRecalled(int count) => _scheduler.Recalled(this, count);

    public void OnLost(EndCause cause) => _scheduler.Lost(this, cause);

    public void OnProgress(double? fraction, string? text, RawJson data)
    {
        if (Running is { } task)
            _reporter.Progress(task, fraction, text, data);
    }

    public void OnLog(string level, string line) => _reporter.Log(Running, level, line);

    public void Dispose() => _limits.Dispose();
}
