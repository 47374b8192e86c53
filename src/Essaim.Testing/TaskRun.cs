using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Testing;

/// <summary>How one run of a handler ended, and what it reported and sent meanwhile.</summary>
public sealed record TaskRun
{
    /// <summary>SUCCESS, FAILURE, RETRY, REVOKED, REJECTED, or IGNORED.</summary>
    public required TaskState State { get; init; }

    /// <summary>The return value as JSON.</summary>
    public RawJson Result { get; init; }

    /// <summary>Its error as it would be stored, in failure and retry.</summary>
    public ExceptionDocument? Error { get; init; }

    /// <summary>Its error's stack trace.</summary>
    public string? Traceback { get; init; }

    /// <summary>In state RETRY: the wait before the next attempt.</summary>
    public TimeSpan RetryAfter { get; init; }

    /// <summary>What it reported, in order.</summary>
    public required IReadOnlyList<TaskProgress> Progress { get; init; }

    /// <summary>What it logged, in order.</summary>
    public required IReadOnlyList<TaskLogLine> Log { get; init; }

    /// <summary>What it sent, in order.</summary>
    public required IReadOnlyList<EnqueuedTask> Enqueued { get; init; }

    internal JsonSerializerOptions Json { get; init; } = EssaimJson.Options;

    /// <summary>The return value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <exception cref="InvalidOperationException">It did not succeed; the text has its error.</exception>
    public T GetResult<T>() => State == TaskState.Success
        ? Result.Deserialize<T>(Json)!
        : throw new InvalidOperationException($"The task ended in {State}, not in SUCCESS: {Error?.GetText()}{Environment.NewLine}{Traceback}");
}
