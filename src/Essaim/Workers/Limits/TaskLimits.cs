using System.Collections.Concurrent;

namespace Essaim;

/// <summary>What remote control has changed of the tasks' limits; it goes before the definitions. Safe on all threads.</summary>
internal sealed class TaskLimits
{
    private readonly ConcurrentDictionary<string, (TimeSpan? Soft, TimeSpan? Hard)> _times = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string?> _rates = new(StringComparer.Ordinal);

    public void SetTimes(string task, TimeSpan? soft, TimeSpan? hard) => _times[task] = (soft, hard);

    public void SetRate(string task, string? rate) => _rates[task] = rate;

    /// <summary>The task's own time limits.</summary>
    public (TimeSpan? Soft, TimeSpan? Hard) TimesOf(TaskDefinition task) =>
        !_times.IsEmpty && _times.TryGetValue(task.Name, out (TimeSpan?, TimeSpan?) set) ? set : (task.Options.SoftTimeLimit, task.Options.HardTimeLimit);

    /// <summary>The task's rate limit as text.</summary>
    public string? RateOf(TaskDefinition task) => _rates.TryGetValue(task.Name, out string? set) ? set : task.Options.RateLimit;
}
