using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Finds the queues that are derived from those a worker serves and whose every requirement its node meets: whenever a claim found nothing, which
/// is every 5 s while the worker is idle, but once a second at most; every 10 s at least.
/// </summary>
internal sealed class DerivedQueueFinder(IBroker broker, ConsumedQueues queues, NodeLabels labels, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(10);
    private readonly Latch _asked = new(time);

    /// <summary>Somebody rang, and there was nothing.</summary>
    public void Look() => _asked.Set();

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        bool failing = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                long lookedAt = time.GetTimestamp();
                failing = await LookAsync(failing, stop);
                await _asked.WaitAsync(Most, stop);
                TimeSpan early = Least - time.GetElapsedTime(lookedAt);
                if (early > TimeSpan.Zero)
                    await Task.Delay(early, time, stop);
            }
            catch (OperationCanceledException)
            {
                // The worker stops.
            }
        }
    }

    private async Task<bool> LookAsync(bool failing, CancellationToken stop)
    {
        try
        {
            IReadOnlyList<string> all = await broker.GetQueueNamesAsync(stop);
            queues.SetDerived([.. all.Where(name => Requirements.OfQueue(name) is { Count: > 0 } required && labels.Meet(required))]);
            return false;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            if (!failing)
                WorkerLog.DerivedQueuesUnknown(logger, failure);
            return true;
        }
    }
}
