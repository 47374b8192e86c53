namespace Essaim;

/// <summary>The fields of a queue, and the definition they make.</summary>
internal static class QueueFields
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1), Year = TimeSpan.FromDays(365);

    private static readonly ConfigFields Retry = new(
        "field of a retry policy",
        new("max_retries", new WholeType(0, 1_000_000), "Retries after the first attempt; 3 by default."),
        new("delay", new DurationType(TimeSpan.Zero, Day), "Wait before the first retry; 1s by default."),
        new("back_off", new EnumType<BackOff>("back-off"), "How the wait grows; exponential by default."),
        new("max_delay", new DurationType(TimeSpan.Zero, Year), "Longest wait; 10m by default."),
        new("jitter", new FlagType(), "Wait a random time between half and the whole; true by default."),
        new("retry_on", new TextListType("exception type", NoMistake), "Full names of exception types that are retried; all by default."),
        new("do_not_retry_on", new TextListType("exception type", NoMistake), "Full names of exception types that are never retried."));

    public static readonly ConfigFields All = new(
        "field of a queue",
        new("name", new TextType(), "The queue's name; left out, it is the key."),
        new("routing_key", new TextType(), "Under which senders reach it; its name by default."),
        new("class", new EnumType<QueueClass>("class"), "What its work is like: cpu by default. io and api tasks may share a child process."),
        new("priority", new EnumType<QueuePriority>("priority"), "Which queue goes first; medium by default."),
        new("duration", new EnumType<QueueDuration>("duration"), "How long its tasks run: seconds, minutes, or hours; short by default."),
        new("concurrency", new WholeType(1, int.MaxValue), "At most so many of its tasks in hand at once, over all Essaim workers."),
        new("worker_concurrency", new WholeType(1, int.MaxValue), "At most so many of its tasks in hand in one worker."),
        new("rate", new RateType(), "How many of its tasks begin at most, over all Essaim workers: 10/s, 100/m, 5/h."),
        new("rate_burst", new WholeType(1, int.MaxValue), "Most tokens of the rate saved up; those of one second by default."),
        new("rate_key", new TextType(), "The rate holds for each value of this argument: tenant, or url|host for the host of a URL."),
        new("fifo", new FlagType(), "Strictly in order, one at a time; false by default."),
        new("soft_time_limit", new DurationType(TimeSpan.FromMilliseconds(1), Year), "Its tasks are asked to stop after so long."),
        new("time_limit", new DurationType(TimeSpan.FromMilliseconds(1), Year), "Its tasks are ended after so long."),
        new("retry", new FieldsType(Retry), "How its tasks are retried, where call and task have no policy of their own."),
        new("requires", new TextListType("label", NodeLabels.Mistake), "Labels a worker must have to serve it: gpu, arch=arm64."),
        new("target_wait", new DurationType(TimeSpan.FromMilliseconds(1), Year), "What waits longer makes an autoscaled worker grow; by duration: 1s, 30s, 5m."));

    /// <summary>Whether a queue may be called so; null: it may.</summary>
    public static string? MistakeOf(string name) =>
        string.IsNullOrWhiteSpace(name) ? "is empty."
        : name.Length > 200 ? "is longer than 200 characters."
        : name.Contains('@', StringComparison.Ordinal) ? "holds '@', which marks queues derived from another."
        : name.Any(char.IsControl) ? "holds control characters."
        : null;

    /// <summary>The definition values of <see cref="All"/> make.</summary>
    public static QueueDefinition Define(string name, IReadOnlyDictionary<string, object> values) => new(name)
    {
        RoutingKey = Text(values, "routing_key") ?? name,
        Class = Value<QueueClass>(values, "class") ?? QueueClass.Cpu,
        Priority = Value<QueuePriority>(values, "priority") ?? QueuePriority.Medium,
        Duration = Value<QueueDuration>(values, "duration") ?? QueueDuration.Short,
        Concurrency = Value<int>(values, "concurrency"),
        WorkerConcurrency = Value<int>(values, "worker_concurrency"),
        Rate = Text(values, "rate"),
        RateBurst = Value<int>(values, "rate_burst"),
        RateKey = Text(values, "rate_key"),
        Fifo = Value<bool>(values, "fifo") ?? false,
        SoftTimeLimit = Value<TimeSpan>(values, "soft_time_limit"),
        HardTimeLimit = Value<TimeSpan>(values, "time_limit"),
        RetryPolicy = values.TryGetValue("retry", out object? retry) ? DefineRetry((IReadOnlyDictionary<string, object>)retry) : null,
        Requires = values.TryGetValue("requires", out object? labels) ? (string[])labels : [],
        TargetWait = Value<TimeSpan>(values, "target_wait"),
    };

    /// <summary>The values that make a definition: what differs from the defaults.</summary>
    public static IReadOnlyDictionary<string, object> ValuesOf(QueueDefinition queue)
    {
        QueueDefinition plain = new(queue.Name);
        Dictionary<string, object> values = new(StringComparer.Ordinal) { ["name"] = queue.Name, ["routing_key"] = queue.RoutingKey };
        void Add(string name, object? value, object? usual)
        {
            if (value is not null && !value.Equals(usual))
                values[name] = value;
        }

        Add("class", queue.Class, plain.Class);
        Add("priority", queue.Priority, plain.Priority);
        Add("duration", queue.Duration, plain.Duration);
        Add("concurrency", queue.Concurrency, null);
        Add("worker_concurrency", queue.WorkerConcurrency, null);
        Add("rate", queue.Rate, null);
        Add("rate_burst", queue.RateBurst, null);
        Add("rate_key", queue.RateKey, null);
        Add("fifo", queue.Fifo, false);
        Add("soft_time_limit", queue.SoftTimeLimit, null);
        Add("time_limit", queue.HardTimeLimit, null);
        Add("retry", queue.RetryPolicy is { } retry ? ValuesOf(retry) : null, null);
        Add("requires", queue.Requires.Count > 0 ? queue.Requires.ToArray() : null, null);
        Add("target_wait", queue.TargetWait, null);
        return values;
    }

    private static Dictionary<string, object> ValuesOf(RetryPolicy policy) => new(StringComparer.Ordinal)
    {
        ["max_retries"] = policy.MaxRetries,
        ["delay"] = policy.Delay,
        ["back_off"] = policy.BackOff,
        ["max_delay"] = policy.MaxDelay,
        ["jitter"] = policy.Jitter,
        ["retry_on"] = policy.RetryOn.ToArray(),
        ["do_not_retry_on"] = policy.DoNotRetryOn.ToArray(),
    };

    private static RetryPolicy DefineRetry(IReadOnlyDictionary<string, object> values)
    {
        RetryPolicy usual = new();
        return new RetryPolicy
        {
            MaxRetries = Value<int>(values, "max_retries") ?? usual.MaxRetries,
            Delay = Value<TimeSpan>(values, "delay") ?? usual.Delay,
            BackOff = Value<BackOff>(values, "back_off") ?? usual.BackOff,
            MaxDelay = Value<TimeSpan>(values, "max_delay") ?? usual.MaxDelay,
            Jitter = Value<bool>(values, "jitter") ?? usual.Jitter,
            RetryOn = values.TryGetValue("retry_on", out object? on) ? (string[])on : [],
            DoNotRetryOn = values.TryGetValue("do_not_retry_on", out object? except) ? (string[])except : [],
        };
    }

    private static string? NoMistake(string text) => text.Length == 0 ? "is empty." : null;

    private static string? Text(IReadOnlyDictionary<string, object> values, string name) => values.TryGetValue(name, out object? value) ? (string)value : null;

    private static T? Value<T>(IReadOnlyDictionary<string, object> values, string name)
        where T : struct => values.TryGetValue(name, out object? value) ? (T)value : null;
}
