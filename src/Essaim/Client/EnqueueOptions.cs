using Essaim.Protocol;

namespace Essaim;

/// <summary>What holds for one call; null leaves it to the task's definition, then to the defaults.</summary>
public sealed record EnqueueOptions
{
    /// <summary>The id; default a new UUID.</summary>
    public string? TaskId { get; init; }

    /// <summary>The queue.</summary>
    public string? Queue { get; init; }

    /// <summary>Labels of the nodes that may run it, instead of the task's own; see <see cref="TaskOptions.Requires"/>. Empty: any node.</summary>
    public IReadOnlyList<string>? Requires { get; init; }

    /// <summary>0 (highest) to 9.</summary>
    public int? Priority { get; init; }

    /// <summary>Run no sooner than this long from now.</summary>
    public TimeSpan? Countdown { get; init; }

    /// <summary>Run no sooner than this instant; stronger than <see cref="Countdown"/>.</summary>
    public DateTimeOffset? Eta { get; init; }

    /// <summary>Do not start later than this instant: the task is then REVOKED with <c>expired</c>.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>As <see cref="Expires"/>, from now.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>Replaces the task's retry policy for this call; understood by Essaim workers only.</summary>
    public RetryPolicy? RetryPolicy { get; init; }

    /// <summary>Soft time limit.</summary>
    public TimeSpan? SoftTimeLimit { get; init; }

    /// <summary>Hard time limit.</summary>
    public TimeSpan? HardTimeLimit { get; init; }

    /// <summary>Store no result.</summary>
    public bool? IgnoreResult { get; init; }

    /// <summary>While another call with this key waits or runs, this one is not accepted: the handle is then the other's.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>How long the key is held at the longest. Default 24 h.</summary>
    public TimeSpan? UniqueFor { get; init; }

    /// <summary>When the key is freed; null leaves it to the task's definition.</summary>
    public UniqueUntil? UniqueUntil { get; init; }

    /// <summary>Extra message headers; values are written as JSON.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; init; }

    /// <summary>Name shown in logs and events instead of the task's.</summary>
    public string? Shadow { get; init; }

    /// <summary>Sent with the result when the task succeeds.</summary>
    public IReadOnlyList<Signature>? Link { get; init; }

    /// <summary>Sent with the failed id when the task fails.</summary>
    public IReadOnlyList<Signature>? LinkError { get; init; }

    /// <summary><c>gzip</c> (Celery's name for zlib), <c>bzip2</c>, <c>brotli</c>…; null: none.</summary>
    public string? Compression { get; init; }
}
