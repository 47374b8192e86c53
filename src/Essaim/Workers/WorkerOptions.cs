namespace Essaim;

/// <summary>How a worker runs its tasks.</summary>
public enum WorkerPool
{
    /// <summary>Child processes, one task each at a time: can be killed, recycled, and crash alone.</summary>
    Processes,

    /// <summary>Threads of the worker process: one small process for many I/O-bound tasks.</summary>
    Threads,
}

/// <summary>A worker's settings.</summary>
public sealed class WorkerOptions
{
    internal static readonly IReadOnlyList<string> CelerysQueue = ["celery"];
    private SettingsInForce? _inForce;

    /// <summary>Queues to serve. Default: those the program defines and those of the fleet's configuration, else <c>celery</c>, Celery's own default queue.</summary>
    public IReadOnlyList<string> Queues { get; set; } = CelerysQueue;

    /// <summary>Nobody has chosen: it serves what the program defines, and all the fleet's configuration has.</summary>
    internal bool ServesAll { get; set; }

    /// <summary>Names of the options the command line sets: stronger than the fleet's configuration.</summary>
    internal HashSet<string> OnCommandLine { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// The share of tasks that queues of a lower priority get while those of a higher one always have something waiting. Default 0.05, 0 to 0.5.
    /// </summary>
    public double LowPriorityShare { get; set; } = 0.05;

    /// <summary>Most slots. Default: the number of processors.</summary>
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// Fewest slots. Default: equal to <see cref="MaxConcurrency"/> (no autoscaling). 0: none while there is nothing to do; the first task then
    /// waits for a child to start.
    /// </summary>
    public int? MinConcurrency { get; set; }

    /// <summary>What runs tasks. Default: child processes.</summary>
    public WorkerPool Pool { get; set; } = WorkerPool.Processes;

    /// <summary>Node name, <c>name@host</c>; <c>%h</c> stands for the host name. Default <c>celery@%h</c>.</summary>
    public string NodeName { get; set; } = "celery@%h";

    /// <summary>What tasks may require of it, and placements go by: <c>gpu</c>, <c>site=attic</c>. Default none; <c>arch</c> and <c>cores</c> are known.</summary>
    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <summary>How long a lease lasts; renewed at a third of it. Default 30 s, at least 3 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Deliveries without settling after which a message is a dead letter. Default 5.</summary>
    public int MaxDeliveries { get; set; } = 5;

    /// <summary>Send <c>task-*</c> events too, not only <c>worker-*</c>. Default on (Celery's <c>-E</c>); remote control turns it.</summary>
    public bool TaskEvents { get; set; } = true;

    /// <summary>At the start, ask the other workers which tasks are revoked, beside all else. Default on, as Celery.</summary>
    public bool Mingle { get; set; } = true;

    /// <summary>
    /// How long the broker may leave a claim unanswered before the worker listens and claims anew. Default 60 s, at least 10 s: an idle worker
    /// claims every 5 s.
    /// </summary>
    public TimeSpan ClaimAgeLimit { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time between heartbeats. Default 2 s, as Celery; zero: no <c>worker-*</c> events at all.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Idle time after which one slot above the minimum is ended. Default 30 s.</summary>
    public TimeSpan ScaleDownAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a task should wait for a slot at most: autoscaling opens as many as that takes. Default 1 s.</summary>
    public TimeSpan TargetWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Bytes the worker and its children may have together: autoscaling opens no child past it, but for the first. Null (default): the control
    /// group's limit, where there is one, else 80 % of the machine's memory.
    /// </summary>
    public long? MemoryBudget { get; set; }

    /// <summary>Default soft time limit of every task; null: none.</summary>
    public TimeSpan? SoftTimeLimit { get; set; }

    /// <summary>Default hard time limit of every task; null: none.</summary>
    public TimeSpan? HardTimeLimit { get; set; }

    /// <summary>On a warm stop, how long running tasks may take before they are given back. Null (default): as long as they need.</summary>
    public TimeSpan? StopTimeout { get; set; }

    /// <summary>Most tasks of io and api queues that share one child at once. Default 8; 1: each has a child of its own. Not for the threads pool.</summary>
    public int TasksPerSharedChild { get; set; } = 8;

    /// <summary>End the worker after this many tasks; null: never.</summary>
    public int? MaxTasks { get; set; }

    /// <summary>
    /// Tasks a child runs before it is replaced, exactly; 0: never. Null (default): 500, but not before it is 60 s old, and it goes on until
    /// another is there. A child costs about a tenth of a second of processor time to start, so a small number makes many short tasks slow.
    /// </summary>
    public int? MaxTasksPerChild { get; set; }

    /// <summary>
    /// Bytes of resident memory, with all it has started, above which a child is replaced once its task has ended; null (default): any.
    /// Looked at every 500 ms while it is busy and once after. A value that a fresh child is above is refused (<c>ESS3003</c>).
    /// </summary>
    public long? MaxMemoryPerChild { get; set; }

    /// <summary>
    /// Bytes of memory, with all it has started, above which a child is killed with its task at once; null (default): any. Kept by the kernel
    /// where this process may make control groups, else looked at every 100 ms while it is busy. A value that a fresh child is above is
    /// refused (<c>ESS3003</c>).
    /// </summary>
    public long? MemoryLimitPerChild { get; set; }

    /// <summary>
    /// How long a child's programs have between SIGTERM and SIGKILL when its task passed its hard limit, was terminated, or lost its lease.
    /// Default 2 s; zero: SIGKILL at once.
    /// </summary>
    public TimeSpan KillGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>What holds now of the settings the fleet's configuration may change.</summary>
    internal SettingsInForce InForce
    {
        get => Volatile.Read(ref _inForce) ?? SettingsInForce.Of(this);
        set => Volatile.Write(ref _inForce, value);
    }
}
