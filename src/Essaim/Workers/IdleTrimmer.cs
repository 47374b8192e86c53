using System.Runtime;

namespace Essaim;

/// <summary>
/// Gives memory back once the process has had nothing to do for a while: the runtime itself collects only when it allocates, so that an idle
/// program keeps what its last work left behind. Twice for each idle spell: the runtime goes on compiling for a while what was used often.
/// </summary>
/// <param name="isIdle">True while nothing runs or waits to run.</param>
/// <param name="trim">Gives memory back: <see cref="Trim"/>.</param>
/// <param name="time">Clock.</param>
internal sealed class IdleTrimmer(Func<bool> isIdle, Action trim, TimeProvider time)
{
    /// <summary>Long enough that work which comes and goes is not held up by a collection each time, and that what a start leaves behind is caught, too.</summary>
    public static readonly TimeSpan Spell = TimeSpan.FromSeconds(20);

    private readonly Wake _worked = new();

    /// <summary>There is work: another idle spell will follow.</summary>
    public void Worked() => _worked.Signal();

    /// <summary>Trims until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                do
                    await Task.Delay(Spell, time, stop);
                while (_worked.TryTake() || !isIdle());
                trim();
                await Task.Delay(Spell, time, stop);
                if (_worked.TryTake())
                    continue;
                trim();
                await _worked.WaitAsync(stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    /// <summary>Collects all that is garbage, and hands the room it leaves to the system. Some milliseconds.</summary>
    public static void Trim()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux())
            Posix.TrimHeap();
    }
}
