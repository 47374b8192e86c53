namespace Essaim;

/// <summary>
/// Everything in this process's memory: for tests and for programs that need no durability. Nothing outlives the process.
/// Safe on all threads.
/// </summary>
public sealed class InMemoryBackend : IBackend
{
    private readonly InMemoryBroker _broker;

    /// <summary>An empty backend of its own, seen by nobody else.</summary>
    /// <param name="time">Clock of leases, delays and expiry.</param>
    public InMemoryBackend(TimeProvider time)
        : this(time, "memory:")
    {
    }

    internal InMemoryBackend(TimeProvider time, string url)
    {
        DisplayUrl = url;
        Clock = time;
        Lock gate = new();
        InMemoryResultStore results = new(gate, time);
        InMemorySteps steps = new(gate, time);
        InMemoryBlobs blobs = new(gate, time);
        InMemoryLogs logs = new(gate, time);
        _broker = new InMemoryBroker(gate, time, results, now => steps.Prune(now) + blobs.Prune(now) + logs.Prune(now), steps.Forget);
        Blobs = blobs;
        Logs = logs;
        Steps = steps;
        Results = results;
        Events = new InMemoryEventBus(time);
        Control = new InMemoryControlBus(time);
        Configuration = new InMemoryConfigStore(time);
        Schedules = new InMemoryScheduleStore(gate, _broker, time);
    }

    /// <inheritdoc />
    public string DisplayUrl { get; }

    /// <inheritdoc />
    public TimeProvider Clock { get; }

    /// <inheritdoc />
    public IBroker Broker => _broker;

    /// <inheritdoc />
    public IResultStore Results { get; }

    /// <inheritdoc />
    public IEventBus Events { get; }

    /// <inheritdoc />
    public IControlBus Control { get; }

    /// <inheritdoc />
    public IConfigStore Configuration { get; }

    /// <inheritdoc />
    public IScheduleStore Schedules { get; }

    /// <inheritdoc />
    public IStepStore Steps { get; }

    /// <inheritdoc />
    public IBlobStore Blobs { get; }

    /// <inheritdoc />
    public ITaskLogStore Logs { get; }

    /// <inheritdoc />
    public async ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<QueueStatus> queues = await _broker.GetQueuesAsync(cancellationToken);
        return new BackendHealth(true, $"in memory, {queues.Sum(queue => queue.Ready + queue.Delayed + queue.InFlight + queue.Dead)} messages");
    }

    /// <summary>Frees nothing: another part of the program may have opened the same name. The memory goes with the last reference.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
