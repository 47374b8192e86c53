using System.Text.Json;
using Prometheus;

namespace Essaim.Server;

/// <summary>Workers as series, from their heartbeats: a worker opens no port, so nobody could ask it.</summary>
internal sealed class WorkerFleetMetrics(IMetricFactory factory)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private readonly Gauge _up = factory.CreateGauge("essaim_worker_up", "1 while the worker is heard, late heartbeats included; 0: offline.", ["worker"]);
    private readonly Gauge _age = factory.CreateGauge("essaim_worker_heartbeat_age_seconds", "Time since the worker was last heard.", ["worker"]);
    private readonly Gauge _slots = factory.CreateGauge("essaim_worker_slots", "Slots.", ["worker"]);
    private readonly Gauge _busy = factory.CreateGauge("essaim_worker_slots_busy", "Slots that run a task.", ["worker"]);
    private readonly Gauge _memory = factory.CreateGauge("essaim_worker_memory_bytes", "Resident memory, children included.", ["worker"]);
    private readonly Gauge _cpu = factory.CreateGauge("essaim_worker_cpu_ratio", "Share of one core between the last two heartbeats, children included.", ["worker"]);
    private readonly Gauge _temperature = factory.CreateGauge("essaim_worker_temperature_celsius", "Temperature of the processor.", ["worker"]);
    private readonly Gauge _throttled = factory.CreateGauge("essaim_worker_throttled", "1 where something holds the processor back: heat or voltage.", ["worker"]);
    private readonly Gauge _inSync = factory.CreateGauge("essaim_worker_config_in_sync", "0 where the worker applies another configuration 30 s after one was published, or started with another.", ["worker"]);
    private readonly Counter _processed = factory.CreateCounter("essaim_worker_processed_total", "Tasks the worker has begun since its start.", ["worker"]);

    /// <summary>Whether a worker is still shown: not one that has been gone for an hour.</summary>
    public static bool IsShown(WorkerView worker, DateTimeOffset now) => worker.Status != WorkerView.Offline || now - worker.LastSeen < Remembered;

    /// <summary>Shows these workers and no others. What a worker does not tell, as Celery's do not, has no series.</summary>
    public void Show(IReadOnlyList<WorkerView> workers, LiveConfiguration live, DateTimeOffset now)
    {
        _up.Show(workers, worker => worker.Node, worker => worker.Status == WorkerView.Offline ? 0 : 1);
        _age.Show(workers, worker => worker.Node, worker => Math.Max(0, Math.Round((now - worker.LastSeen).TotalSeconds, 3)));
        _slots.Show(workers, worker => worker.Node, SlotsOf);
        _busy.Show(workers, worker => worker.Node, worker => worker.Active);
        _memory.Show(workers, worker => worker.Node, worker => worker.Memory);
        _cpu.Show(workers, worker => worker.Node, worker => worker.Cpu);
        _temperature.Show(workers, worker => worker.Node, worker => worker.Temperature);
        _throttled.Show(workers, worker => worker.Node, worker => worker.Throttled is { } reasons ? (reasons.Count > 0 ? 1 : 0) : null);
        _inSync.Show(workers, worker => worker.Node, worker => worker.Config is null || worker.Status == WorkerView.Offline ? null : IsInSync(worker, live, now) ? 1 : 0);
        _processed.Show(workers, worker => worker.Node, worker => worker.Processed);
    }

    private static bool IsInSync(WorkerView worker, LiveConfiguration live, DateTimeOffset now) =>
        ConfigDrift.Judge(worker, live, now) is { InSync: true, Source: not ("behind" or "conflict") };

    private static double? SlotsOf(WorkerView worker) =>
        worker.Slots is { } slots && slots.TryGetProperty("now", out JsonElement now) && now.ValueKind == JsonValueKind.Number ? now.GetDouble() : null;
}
