namespace Essaim;

/// <summary>What the work of a queue is like.</summary>
public enum QueueClass
{
    /// <summary>Computing: a slot each.</summary>
    Cpu,

    /// <summary>Waiting for disks and networks: several may share a child.</summary>
    Io,

    /// <summary>Waiting for other services: several may share a child.</summary>
    Api,

    /// <summary>Large in memory: a slot each.</summary>
    Memory,

    /// <summary>Writing to a database; mostly one at a time (<see cref="QueueDefinition.Concurrency"/> 1).</summary>
    Db,

    /// <summary>Over at once.</summary>
    Light,
}

/// <summary>Which queue goes first.</summary>
public enum QueuePriority
{
    /// <summary>Before all others.</summary>
    High,

    /// <summary>After high, before low.</summary>
    Medium,

    /// <summary>When nothing else waits, and for a small share of the tasks in any case.</summary>
    Low,
}

/// <summary>How long the tasks of a queue run.</summary>
public enum QueueDuration
{
    /// <summary>Seconds.</summary>
    Short,

    /// <summary>Minutes.</summary>
    Medium,

    /// <summary>Hours or days.</summary>
    Long,
}

/// <summary>A queue and its character. Immutable; safe on all threads.</summary>
public sealed record QueueDefinition
{
    /// <summary>A queue with the defaults.</summary>
    /// <param name="name">Its name; may not be empty or hold <c>@</c>, which marks queues derived from another.</param>
    /// <exception cref="ArgumentException">It is no such name.</exception>
    public QueueDefinition(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Contains('@', StringComparison.Ordinal))
            throw new ArgumentException($"'{name}' is not a queue's name. Give a name without '@'.", nameof(name));
        Name = name;
        RoutingKey = name;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The routing key under which senders reach it. Default: its name.</summary>
    public string RoutingKey { get; init; }

    /// <summary>What its work is like. Default <see cref="QueueClass.Cpu"/>.</summary>
    public QueueClass Class { get; init; }

    /// <summary>Which queue goes first. Default <see cref="QueuePriority.Medium"/>.</summary>
    public QueuePriority Priority { get; init; } = QueuePriority.Medium;

    /// <summary>How long its tasks run. Default <see cref="QueueDuration.Short"/>.</summary>
    public QueueDuration Duration { get; init; }

    /// <summary>At most this many of its tasks in hand at once, over all Essaim workers; null (default): any number. At least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? Concurrency { get; init => field = AtLeastOne(value, nameof(Concurrency)); }

    /// <summary>At most this many of its tasks in hand in one worker; null (default): any number. At least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? WorkerConcurrency { get; init => field = AtLeastOne(value, nameof(WorkerConcurrency)); }

    /// <summary>
    /// How many of its tasks begin at most, over all Essaim workers: <c>10/s</c>, <c>100/m</c>, <c>1/h</c>, or a number a second. Null (default):
    /// any number.
    /// </summary>
    /// <exception cref="ArgumentException">It is set to something else.</exception>
    public string? Rate
    {
        get;
        init
        {
            _ = RateOf(value);
            field = value;
        }
    }

    /// <summary>Most tokens of <see cref="Rate"/> that are saved up for a burst. Default: those of one second, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? RateBurst { get; init => field = AtLeastOne(value, nameof(RateBurst)); }

    /// <summary>
    /// The rate holds for each value of this argument, not for the queue as a whole: the name of an argument (<c>tenant</c>), or <c>url|host</c> for
    /// the host of a URL. Tasks without it go unlimited. Null (default): for the queue.
    /// </summary>
    public string? RateKey { get; init; }

    /// <summary>Strictly in order, one at a time over all Essaim workers; a retry holds the queue until it has ended. Default false.</summary>
    public bool Fifo { get; init; }

    /// <summary>Soft time limit of its tasks, unless the call or the task has one. Null (default): the worker's.</summary>
    public TimeSpan? SoftTimeLimit { get; init; }

    /// <summary>Hard time limit of its tasks, unless the call or the task has one. Null (default): the worker's.</summary>
    public TimeSpan? HardTimeLimit { get; init; }

    /// <summary>Retry policy of its tasks, unless the call or the task has one. Null (default): none.</summary>
    public RetryPolicy? RetryPolicy { get; init; }

    /// <summary>Labels a worker must have to serve it, such as <c>gpu</c> or <c>arch=arm64</c>. Default: none.</summary>
    /// <exception cref="ArgumentException">One of them is no label.</exception>
    public IReadOnlyList<string> Requires
    {
        get;
        init
        {
            _ = Requirements.Normal(value);
            field = value;
        }
    } = [];

    /// <summary>
    /// How long its tasks should wait at the most; what waits longer makes an autoscaled worker grow. Default by <see cref="Duration"/>: 1 s, 30 s,
    /// 5 min.
    /// </summary>
    public TimeSpan? TargetWait { get; init; }

    /// <summary>The rate and where it holds: for the queue; null where it has none or it holds for a key.</summary>
    internal QueueRate? QueueRate => RateKey is null ? RateOf(Rate) : null;

    /// <summary>The rate that holds for each key; null where there is none.</summary>
    internal QueueRate? KeyedRate => RateKey is null ? null : RateOf(Rate);

    /// <summary>What the broker is to hold it to, under the queue's own name also for those derived from it; null: nothing.</summary>
    internal QueueLimits? Limits => Concurrency is null && QueueRate is null && !Fifo
        ? null
        : new QueueLimits { Scope = Name, Concurrency = Concurrency, Rate = QueueRate, Ordered = Fifo };

    internal TimeSpan WishedWait => TargetWait ?? Duration switch
    {
        QueueDuration.Short => TimeSpan.FromSeconds(1),
        QueueDuration.Medium => TimeSpan.FromSeconds(30),
        _ => TimeSpan.FromMinutes(5),
    };

    /// <summary>True where several of its tasks may run in one child at once.</summary>
    internal bool SharesChild => Class is QueueClass.Io or QueueClass.Api;

    private QueueRate? RateOf(string? text)
    {
        if (text is null)
            return null;
        if (!RateLimit.TryParse(text, out double perSecond, out _) || perSecond <= 0)
            throw new ArgumentException($"'{text}' is not a rate limit. Write 10/s, 5/m, 1/h, or a number a second.", nameof(text));
        return new QueueRate(perSecond, RateBurst ?? (int)Math.Clamp(Math.Ceiling(perSecond), 1, int.MaxValue));
    }

    private static int? AtLeastOne(int? value, string name) =>
        value is < 1 ? throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 1, or not set.") : value;
}
