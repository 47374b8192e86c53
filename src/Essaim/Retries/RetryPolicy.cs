namespace Essaim;

/// <summary>How the wait grows from one retry to the next.</summary>
public enum BackOff
{
    /// <summary>Always the same.</summary>
    Constant,

    /// <summary>Doubles each time.</summary>
    Exponential,
}

/// <summary>When and how often a failed task is tried again.</summary>
public sealed record RetryPolicy
{
    /// <summary>Retries after the first attempt. Default 3.</summary>
    public int MaxRetries { get; init; } = 3;

    /// <summary>Wait before the first retry. Default 1 s.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How the wait grows. Default exponential.</summary>
    public BackOff BackOff { get; init; } = BackOff.Exponential;

    /// <summary>Longest wait. Default 10 min.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Wait a random time between half and the whole of what the back-off says, so that many failures do not return at once. Default true.</summary>
    public bool Jitter { get; init; } = true;

    /// <summary>Full names of exception types that are retried, derived ones included. Empty (default): all.</summary>
    public IReadOnlyList<string> RetryOn { get; init; } = [];

    /// <summary>Full names of exception types that are never retried, derived ones included; stronger than <see cref="RetryOn"/>.</summary>
    public IReadOnlyList<string> DoNotRetryOn { get; init; } = [];

    /// <summary>The same policy, retrying on <typeparamref name="TException"/> too.</summary>
    /// <typeparam name="TException">Exception type.</typeparam>
    public RetryPolicy On<TException>()
        where TException : Exception => this with { RetryOn = [.. RetryOn, typeof(TException).FullName!] };

    /// <summary>The same policy, never retrying on <typeparamref name="TException"/>.</summary>
    /// <typeparam name="TException">Exception type.</typeparam>
    public RetryPolicy Except<TException>()
        where TException : Exception => this with { DoNotRetryOn = [.. DoNotRetryOn, typeof(TException).FullName!] };

    /// <summary>How long to wait before the retry that follows <paramref name="retries"/> retries.</summary>
    internal TimeSpan GetDelay(int retries, Random random)
    {
        // Beyond 2^40 any delay is past any cap, and the shift would overflow.
        double factor = BackOff == BackOff.Exponential ? Math.Pow(2, Math.Min(retries, 40)) : 1;
        double seconds = Math.Min(Delay.TotalSeconds * factor, MaxDelay.TotalSeconds);
        return TimeSpan.FromSeconds(Jitter ? seconds * (0.5 + random.NextDouble() / 2) : seconds);
    }

    internal bool Covers(Exception error) =>
        !IsAmong(error, DoNotRetryOn) && (RetryOn.Count == 0 || IsAmong(error, RetryOn));

    private static bool IsAmong(Exception error, IReadOnlyList<string> names)
    {
        for (Type? type = names.Count == 0 ? null : error.GetType(); type is not null; type = type.BaseType)
        {
            if (names.Contains(type.FullName))
                return true;
        }

        return false;
    }
}
