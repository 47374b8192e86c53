using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Sends events in batches, 25 ms apart at least; one that comes after a pause goes out at once. Never holds up a task: when the transport does not keep up, what is over
/// 10,000 waiting events is dropped and counted.
/// </summary>
internal sealed class EventSender(IEventBus bus, WorkerMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int MostWaiting = 10_000;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(25);
    private readonly Lock _gate = new();
    private readonly Wake _wake = new();
    private List<EventRecord> _waiting = [];
    private long _dropped;

    /// <summary>False while nobody would hear an event.</summary>
    public bool IsHeard => bus.IsHeard;

    public void Post(EventRecord record)
    {
        lock (_gate)
        {
            if (_waiting.Count >= MostWaiting)
            {
                _dropped++;
                return;
            }

            _waiting.Add(record);
            if (_waiting.Count > 1)
                return;
        }

        _wake.Signal();
    }

    /// <summary>Sends until cancelled, then what is left.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        bool failing = false;
        long? sentAt = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(stop);
                TimeSpan left = sentAt is { } at ? Gather - time.GetElapsedTime(at) : TimeSpan.Zero;
                if (left > TimeSpan.Zero)
                    await Task.Delay(left, time, stop);
            }
            catch (OperationCanceledException)
            {
                // What is left is still sent.
            }

            sentAt = time.GetTimestamp();
            failing = await SendAsync(failing);
        }
    }

    private async Task<bool> SendAsync(bool failing)
    {
        List<EventRecord> batch;
        long dropped;
        lock (_gate)
        {
            batch = _waiting;
            _waiting = [];
            dropped = _dropped;
            _dropped = 0;
        }

        if (dropped > 0)
        {
            WorkerLog.EventsDropped(logger, dropped);
            metrics.EventsDropped(dropped);
        }

        if (batch.Count == 0)
            return failing;
        try
        {
            await bus.PublishAsync(batch, CancellationToken.None);
            return false;
        }
        catch (Exception failure)
        {
            metrics.EventsDropped(batch.Count);
            if (!failing)
                WorkerLog.EventsFail(logger, failure);
            return true;
        }
    }
}
