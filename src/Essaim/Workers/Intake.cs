using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Claims as much as can begin soon, and hands to the <see cref="Scheduler"/> what may run.</summary>
internal sealed class Intake(
    IBroker broker, WorkerOptions options, WorkerNode node, MessageInspector inspector, Scheduler scheduler, Settler settler,
    Wake demand, TimeProvider time, Random random, ILogger logger)
{
    // Also the age a healthy, idle worker's last claim may reach.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);
    private readonly Backoff _backoff = new(time, random);
    private readonly QueueClaim[] _queues = [.. options.Queues.Select(queue => new QueueClaim(queue))];

    /// <summary>Set when the last claim gave all that was asked for: more may be waiting.</summary>
    public bool SawMore { get; private set; }

    /// <summary>Claims until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await using IWorkSignal signal = await broker.ListenAsync(options.Queues, stop);
                    await ClaimAsync(signal, stop);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    if (_backoff.Fail())
                        WorkerLog.ClaimFails(logger, failure);
                    await _backoff.WaitAsync(stop);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    private async Task ClaimAsync(IWorkSignal signal, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            int want = settler.IsFarBehind ? 0 : scheduler.Want();
            if (want == 0)
            {
                await demand.WaitAsync(stop);
                continue;
            }

            ClaimRequest request = new() { Worker = node.Name, Queues = _queues, Max = want, LeaseDuration = options.Lease };
            // Not cancelled: what a cancelled claim took would be lost until its lease runs out.
            ClaimResult result = await broker.ClaimAsync(request, CancellationToken.None);
            node.Claimed();
            if (_backoff.Succeed())
                WorkerLog.ClaimsAgain(logger);
            SawMore = result.Deliveries.Count >= want;
            if (result.Deliveries.Count > 0)
                scheduler.Accept(inspector.Inspect(result.Deliveries));
            else
                await signal.WaitAsync(SleepUntil(result.NextDue), stop);
        }
    }

    private TimeSpan SleepUntil(DateTimeOffset? due)
    {
        TimeSpan sleep = due is { } at ? at - time.GetUtcNow() : LongestSleep;
        return sleep < ShortestSleep ? ShortestSleep : sleep < LongestSleep ? sleep : LongestSleep;
    }
}
