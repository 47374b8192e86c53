namespace Essaim;

/// <summary>Base settings Essaim heeds; null leaves it to the program's own options.</summary>
public sealed record BaseSettings
{
    /// <summary><c>task_default_queue</c>: of tasks nothing else routes.</summary>
    public string? DefaultQueue { get; init; }

    /// <summary><c>task_compression</c>: <c>gzip</c>, <c>bzip2</c>, <c>brotli</c>.</summary>
    public string? Compression { get; init; }

    /// <summary><c>task_compress_above</c>, bytes: only messages with larger arguments are compressed.</summary>
    public int? CompressAbove { get; init; }

    /// <summary><c>task_time_limit</c>: default hard time limit.</summary>
    public TimeSpan? HardTimeLimit { get; init; }

    /// <summary><c>task_soft_time_limit</c>: default soft time limit.</summary>
    public TimeSpan? SoftTimeLimit { get; init; }

    /// <summary><c>task_max_deliveries</c>.</summary>
    public int? MaxDeliveries { get; init; }

    /// <summary><c>result_expires</c>: how long results are kept.</summary>
    public TimeSpan? ResultExpires { get; init; }

    /// <summary><c>worker_heartbeat</c>: time between heartbeats.</summary>
    public TimeSpan? Heartbeat { get; init; }

    /// <summary><c>worker_max_tasks_per_child</c>.</summary>
    public int? MaxTasksPerChild { get; init; }

    /// <summary><c>worker_max_memory_per_child</c>, bytes.</summary>
    public long? MaxMemoryPerChild { get; init; }

    /// <summary><c>worker_pool</c>; taken when a worker starts.</summary>
    public WorkerPool? Pool { get; init; }

    /// <summary><c>worker_concurrency</c>; taken when a worker starts.</summary>
    public int? Concurrency { get; init; }

    internal static BaseSettings From(IReadOnlyDictionary<string, object> values)
    {
        T? Value<T>(string name)
            where T : struct => values.TryGetValue(name, out object? value) ? (T)value : null;
        string? Text(string name) => values.GetValueOrDefault(name) as string;
        return new BaseSettings
        {
            DefaultQueue = Text("task_default_queue"),
            Compression = Text("task_compression"),
            CompressAbove = Value<long>("task_compress_above") is { } bytes ? (int)Math.Min(bytes, int.MaxValue) : null,
            HardTimeLimit = Value<TimeSpan>("task_time_limit"),
            SoftTimeLimit = Value<TimeSpan>("task_soft_time_limit"),
            MaxDeliveries = Value<int>("task_max_deliveries"),
            ResultExpires = Value<TimeSpan>("result_expires"),
            Heartbeat = Value<TimeSpan>("worker_heartbeat"),
            MaxTasksPerChild = Value<int>("worker_max_tasks_per_child"),
            MaxMemoryPerChild = Value<long>("worker_max_memory_per_child"),
            Pool = Text("worker_pool") switch
            {
                "prefork" or "processes" => WorkerPool.Processes,
                "threads" => WorkerPool.Threads,
                _ => null,
            },
            Concurrency = Value<int>("worker_concurrency"),
        };
    }
}
