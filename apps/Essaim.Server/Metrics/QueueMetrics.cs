using Prometheus;

namespace Essaim.Server;

/// <summary>Queues as series.</summary>
internal sealed class QueueMetrics(IMetricFactory factory)
{
    private readonly Gauge _ready = factory.CreateGauge("essaim_queue_ready", "Messages waiting.", ["queue"]);
    private readonly Gauge _delayed = factory.CreateGauge("essaim_queue_delayed", "Messages waiting for their time.", ["queue"]);
    private readonly Gauge _inFlight = factory.CreateGauge("essaim_queue_in_flight", "Messages with workers.", ["queue"]);
    private readonly Gauge _dead = factory.CreateGauge("essaim_queue_dead", "Dead letters.", ["queue"]);
    private readonly Gauge _oldest = factory.CreateGauge("essaim_queue_oldest_seconds", "How long the oldest waiting message has waited; 0 where none waits.", ["queue"]);
    private readonly Gauge _paused = factory.CreateGauge("essaim_queue_paused", "1 where the queue is paused.", ["queue"]);

    /// <summary>Shows these queues and no others.</summary>
    public void Show(IReadOnlyList<QueueStatus> queues, DateTimeOffset now)
    {
        _ready.Show(queues, queue => queue.Name, queue => queue.Ready);
        _delayed.Show(queues, queue => queue.Name, queue => queue.Delayed);
        _inFlight.Show(queues, queue => queue.Name, queue => queue.InFlight);
        _dead.Show(queues, queue => queue.Name, queue => queue.Dead);
        _oldest.Show(queues, queue => queue.Name, queue => queue.OldestReady is { } oldest ? Math.Max(0, Math.Round((now - oldest).TotalSeconds, 3)) : 0);
        _paused.Show(queues, queue => queue.Name, queue => queue.Paused is null ? 0 : 1);
    }
}
