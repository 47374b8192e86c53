using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Has the broker keep house: leases of killed workers go back, delayed messages become ready, what has expired is removed.</summary>
internal sealed class LeaseReclaimer(IBroker broker, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Sweeps until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        bool failing = false;
        try
        {
            while (true)
            {
                failing = await SweepAsync(failing, stop);
                await Rhythm.DelayAsync(Period, time, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    private async Task<bool> SweepAsync(bool failing, CancellationToken stop)
    {
        try
        {
            SweepReport report = await broker.SweepAsync(stop);
            if (report.Reclaimed > 0)
                WorkerLog.Reclaimed(logger, report.Reclaimed);
            return false;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            if (!failing)
                WorkerLog.SweepFails(logger, failure);
            return true;
        }
    }
}
