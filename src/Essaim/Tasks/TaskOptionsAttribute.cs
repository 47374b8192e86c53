namespace Essaim;

/// <summary>
/// Options of a task that senders and workers share, on its arguments record; options given when the task is registered are stronger.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class TaskOptionsAttribute : Attribute
{
    /// <summary>Queue it is sent to. Null (default): by the client's routes, else <c>celery</c>.</summary>
    public string? Queue { get; init; }

    /// <summary>Labels of the nodes that may run it, see <see cref="TaskOptions.Requires"/>. Null (default): any.</summary>
    public string[]? Requires { get; init; }

    /// <summary>0 (highest) to 9; -1 (default): not given.</summary>
    public int Priority { get; init; } = -1;

    /// <summary>Store no result. Default false.</summary>
    public bool IgnoreResult { get; init; }

    /// <summary>While a call with the same arguments waits or runs, another is not accepted. Default false.</summary>
    public bool Unique { get; init; }

    /// <summary>Retries with the default back-off; -1 (default): no retry policy.</summary>
    public int MaxRetries { get; init; } = -1;

    /// <summary>How often one worker begins it: <c>10/s</c>, <c>5/m</c>, <c>1/h</c>. Null (default): as often as it comes.</summary>
    public string? RateLimit { get; init; }

    /// <summary>Soft time limit, seconds; 0 (default): the worker's.</summary>
    public double SoftTimeLimit { get; init; }

    /// <summary>Hard time limit, seconds; 0 (default): the worker's.</summary>
    public double HardTimeLimit { get; init; }

    internal TaskOptions ToOptions() => new()
    {
        Queue = Queue,
        Requires = Requires ?? [],
        Priority = Priority < 0 ? null : Priority,
        IgnoreResult = IgnoreResult,
        Unique = Unique,
        RateLimit = RateLimit,
        RetryPolicy = MaxRetries < 0 ? null : new RetryPolicy { MaxRetries = MaxRetries },
        SoftTimeLimit = SoftTimeLimit > 0 ? TimeSpan.FromSeconds(SoftTimeLimit) : null,
        HardTimeLimit = HardTimeLimit > 0 ? TimeSpan.FromSeconds(HardTimeLimit) : null,
    };
}
