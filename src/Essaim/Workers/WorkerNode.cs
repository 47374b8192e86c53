using System.Collections.Concurrent;

namespace Essaim;

/// <summary>Who this worker is, and what it has done so far. Safe on all threads.</summary>
internal sealed class WorkerNode(string name, TimeProvider time)
{
    private readonly long _startedAt = time.GetTimestamp();
    private long _lastClaimAt = time.GetTimestamp();
    private long _clock;
    private long _processed;

    /// <summary><c>name@host</c>.</summary>
    public string Name => name;

    /// <summary>Tasks begun since the start.</summary>
    public long Processed => Interlocked.Read(ref _processed);

    /// <summary>Tasks begun since the start, by name.</summary>
    public ConcurrentDictionary<string, int> Totals { get; } = new(StringComparer.Ordinal);

    /// <summary>Time since the start.</summary>
    public TimeSpan Uptime => time.GetElapsedTime(_startedAt);

    /// <summary>Time since the broker last answered a claim: a worker that is alive but cannot reach its broker is told by this.</summary>
    public TimeSpan ClaimAge => time.GetElapsedTime(Interlocked.Read(ref _lastClaimAt));

    /// <summary>Lamport clock of the events.</summary>
    public long Clock => Interlocked.Read(ref _clock);

    public long Tick() => Interlocked.Increment(ref _clock);

    /// <summary>Takes note of another node's clock.</summary>
    public void Adjust(long theirs)
    {
        long before, after;
        do
        {
            before = Clock;
            after = Math.Max(before, theirs) + 1;
        }
        while (Interlocked.CompareExchange(ref _clock, after, before) != before);
    }

    public void Claimed() => Interlocked.Exchange(ref _lastClaimAt, time.GetTimestamp());

    public void Began(string taskName)
    {
        Interlocked.Increment(ref _processed);
        Totals.AddOrUpdate(taskName, 1, (_, count) => count + 1);
    }

    /// <summary><c>celery@%h</c> with the host's name in it; a name without host gets one.</summary>
    public static string ExpandName(string pattern)
    {
        string full = pattern.Contains('@', StringComparison.Ordinal) ? pattern : pattern + "@%h";
        return full.Replace("%h", Environment.MachineName, StringComparison.Ordinal);
    }
}
