using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Has the worker listen and claim anew when the broker has not answered for too long: a connection nobody noticed the end of, a call that
/// never returns. A broker that answers with errors is not its business.
/// </summary>
internal sealed class ClaimWatchdog(Intake intake, TimeSpan limit, TimeProvider time, ILogger logger)
{
    /// <summary>Watches until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Rhythm.DelayAsync(limit / 6, time, stop);
                TimeSpan unanswered = intake.Unanswered;
                if (unanswered <= limit)
                    continue;
                WorkerLog.ClaimHangs(logger, (long)unanswered.TotalSeconds);
                intake.StartAnew();
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }
}
