using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>A worker's settings under Celery's names. Holds no secret: URLs come without their password.</summary>
internal static class WorkerConfiguration
{
    /// <summary>The settings.</summary>
    /// <param name="worker">Whose.</param>
    /// <param name="withDefaults">Also those nobody has changed.</param>
    public static Dictionary<string, object?> Of(ControlledWorker worker, bool withDefaults)
    {
        Dictionary<string, object?> all = All(worker);
        if (withDefaults)
            return all;
        ControlledWorker untouched = worker with { Options = new WorkerOptions(), Queues = new ConsumedQueues(new WorkerOptions().Queues) };
        Dictionary<string, object?> defaults = All(untouched);
        return all.Where(one => one.Key is "broker_url" or "result_backend" || Text(one.Value) != Text(defaults[one.Key]))
            .ToDictionary(one => one.Key, one => one.Value);
    }

    /// <summary>The value of <c>report</c>, laid out as Celery's.</summary>
    public static string Report(ControlledWorker worker)
    {
        StringBuilder text = new();
        string bits = Environment.Is64BitProcess ? "64bit" : "32bit";
        string transport = (string)BrokerFacts.Of(worker.DisplayUrl)["transport"]!;
        text.Append(CultureInfo.InvariantCulture, $"\nsoftware -> essaim:{EventWriter.Software} dotnet:{Environment.Version}\n");
        text.Append(CultureInfo.InvariantCulture, $"platform -> system:{Environment.OSVersion.Platform} arch:{bits}\n");
        text.Append(CultureInfo.InvariantCulture, $"            kernel version:{Environment.OSVersion.Version} imp:{RuntimeInformation.FrameworkDescription}\n");
        text.Append("loader   -> essaim\n");
        text.Append(CultureInfo.InvariantCulture, $"settings -> transport:{transport} results:{worker.DisplayUrl}\n\n");
        foreach ((string name, object? value) in Of(worker, withDefaults: false))
            text.Append(CultureInfo.InvariantCulture, $"{name}: {PythonRepr.Write(RawJson.From(value))}\n");
        return text.ToString();
    }

    private static string Text(object? value) => JsonSerializer.Serialize(value);

    private static Dictionary<string, object?> All(ControlledWorker worker)
    {
        WorkerOptions options = worker.Options;
        return new Dictionary<string, object?>
        {
            ["broker_url"] = worker.DisplayUrl,
            ["result_backend"] = worker.DisplayUrl,
            ["accept_content"] = new[] { "json" },
            ["control_exchange"] = "celery",
            ["enable_utc"] = true,
            ["event_exchange"] = "celeryev",
            ["result_expires"] = new TaskOptions().ResultExpires?.TotalSeconds,
            ["result_serializer"] = "json",
            ["task_acks_late"] = true,
            ["task_default_queue"] = "celery",
            ["task_queues"] = worker.Queues.Names,
            ["task_reject_on_worker_lost"] = true,
            ["task_serializer"] = "json",
            ["task_soft_time_limit"] = options.InForce.SoftTimeLimit?.TotalSeconds,
            ["task_time_limit"] = options.InForce.HardTimeLimit?.TotalSeconds,
            ["timezone"] = "UTC",
            ["worker_autoscale"] = worker.Scaler.Autoscales && options.MinConcurrency is not null ? new[] { worker.Scaler.Range.Max, worker.Scaler.Range.Min } : null,
            ["worker_concurrency"] = options.MaxConcurrency,
            ["worker_disable_rate_limits"] = false,
            ["worker_max_memory_per_child"] = options.MaxMemoryPerChild / 1024,
            ["worker_max_tasks_per_child"] = options.InForce.MaxTasksPerChild is 0 ? null : options.InForce.MaxTasksPerChild,
            ["worker_pool"] = options.Pool == WorkerPool.Processes ? "processes" : "threads",
            ["worker_pool_restarts"] = false,
            ["worker_prefetch_multiplier"] = 1,
            ["worker_send_task_events"] = options.TaskEvents,
        };
    }
}
