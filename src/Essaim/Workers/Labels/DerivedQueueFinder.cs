using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Finds the queues that are derived from those a worker serves and whose every requirement its node meets: every 5 s, and once a second at
/// most when a claim found nothing.
/// </summary>
internal sealed class DerivedQueueFinder(IBroker broker, ConsumedQueues queues, NodeLabels labels, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);
    private readonly Wake _asked = new();

    /// <summary>Somebody rang, and there was nothing.</summary>
    public void Look() => _asked.Signal();

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        bool failing = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                failing = await LookAsync(failing, stop);
                await Task.Delay(Least, time, stop);
                using CancellationTokenSource enough = new(Most - Least, time);
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, stop);
                await _asked.WaitAsync(either.Token);
            }
            catch (OperationCanceledException)
            {
                // It is time to look again, or to end.
            }
        }
    }

    private async Task<bool> LookAsync(bool failing, CancellationToken stop)
    {
        try
        {
            IReadOnlyList<QueueStatus> all = await broker.GetQueuesAsync(stop);
            queues.SetDerived([.. all.Select(queue => queue.Name).Where(name => Requirements.OfQueue(name) is { Count: > 0 } required && labels.Meet(required))]);
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
