using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Keeps as many slots as the <see cref="Autoscaler"/> says.</summary>
internal sealed class SlotScaler(IBroker broker, WorkerOptions options, Scheduler scheduler, Intake intake, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private readonly HashSet<string> _queues = new(options.Queues, StringComparer.Ordinal);

    /// <summary>Opens the first slots, then scales until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        int min = Math.Min(options.MinConcurrency ?? options.MaxConcurrency, options.MaxConcurrency);
        Autoscaler autoscaler = new(min, options.MaxConcurrency, options.ScaleDownAfter);
        for (int slot = 0; slot < min; slot++)
            scheduler.AddSlot();
        if (min == options.MaxConcurrency)
            return;
        try
        {
            while (true)
            {
                await Task.Delay(Period, time, stop);
                await ScaleAsync(autoscaler, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    private async Task ScaleAsync(Autoscaler autoscaler, CancellationToken stop)
    {
        (int slots, int busy, int waiting) = scheduler.Count();
        // The broker is asked only where the answer can matter: all slots are busy, and one more is allowed.
        long ready = busy == slots && slots < options.MaxConcurrency && intake.SawMore ? await CountReadyAsync(stop) : 0;
        if (autoscaler.Decide(time.GetUtcNow(), slots, busy, waiting + ready) is not { } decision)
            return;
        if (decision.Change < 0 && !scheduler.TryRemoveIdleSlot())
            return;
        for (int added = 0; added < decision.Change; added++)
            scheduler.AddSlot();
        WorkerLog.Scaled(logger, slots, slots + decision.Change, decision.Reason);
    }

    private async Task<long> CountReadyAsync(CancellationToken stop)
    {
        try
        {
            return (await broker.GetQueuesAsync(stop)).Where(queue => _queues.Contains(queue.Name)).Sum(queue => queue.Ready);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The intake tells of a broker that fails; not knowing is no reason to grow.
            return 0;
        }
    }
}
