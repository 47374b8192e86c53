namespace Essaim;

/// <summary>
/// How many tasks a slot may have in hand beyond the one it runs: as many as it would finish within <see cref="Window"/>, going by
/// how long tasks took lately. Long tasks: none, so they hold nothing hostage; tasks that take no time: up to <see cref="Most"/>, so
/// that the broker is asked for many at once. The measure rises at once and falls slowly. Not safe for several threads.
/// </summary>
internal sealed class LookAhead
{
    /// <summary>Most tasks in hand per slot.</summary>
    public const int Most = 256;

    /// <summary>Work a slot may have in hand.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(20);

    /// <summary>A task in hand that has waited so long goes back to the broker.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    // Of the window, what may already lie with the executor, where it takes a call to get it back.
    private static readonly TimeSpan ExecutorWindow = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestMeasured = TimeSpan.FromSeconds(1);
    private const double Weight = 0.1;
    private double _ticks = -1;

    /// <summary>Tasks in hand per slot.</summary>
    public int PerSlot => Fit(Window);

    /// <summary>Of these, tasks that may lie with the executor.</summary>
    public int PerExecutor => Fit(ExecutorWindow);

    /// <summary>Learns how long a task took (or has taken so far).</summary>
    public void Learn(TimeSpan took)
    {
        double ticks = Math.Min(took.Ticks, LongestMeasured.Ticks);
        _ticks = ticks > _ticks ? ticks : _ticks + Weight * (ticks - _ticks);
    }

    private int Fit(TimeSpan window) => _ticks < 0 ? 0 : (int)Math.Min(Most, window.Ticks / Math.Max(_ticks, 1));
}
