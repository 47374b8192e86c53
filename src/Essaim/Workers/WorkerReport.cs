using System.Globalization;
using Essaim.Protocol;

namespace Essaim;

/// <summary>A worker's state in the JSON forms Celery's monitors expect.</summary>
internal static class WorkerReport
{
    /// <summary>The value of <c>stats</c>; <c>claim_age</c> is Essaim's own: seconds since the broker last answered a claim.</summary>
    public static RawJson Stats(WorkerNode node, WorkerOptions options, Scheduler scheduler)
    {
        (int slots, int busy, int waiting) = scheduler.Count();
        return RawJson.From(new Dictionary<string, object>
        {
            ["total"] = node.Totals,
            ["pid"] = Environment.ProcessId,
            ["clock"] = node.Clock.ToString(CultureInfo.InvariantCulture),
            ["uptime"] = (long)node.Uptime.TotalSeconds,
            ["pool"] = new Dictionary<string, object>
            {
                ["implementation"] = options.Pool == WorkerPool.Processes ? "essaim:processes" : "essaim:threads",
                ["max-concurrency"] = options.MaxConcurrency,
                ["processes"] = scheduler.GetProcessIds(),
                ["max-tasks-per-child"] = options.MaxTasksPerChild?.ToString(CultureInfo.InvariantCulture) ?? "N/A",
                ["put-guarded-by-semaphore"] = false,
                ["timeouts"] = new[] { options.SoftTimeLimit?.TotalSeconds ?? 0, options.HardTimeLimit?.TotalSeconds ?? 0 },
                ["writes"] = "N/A",
            },
            // Of a connection Celery tells more; monitors want an object here.
            ["broker"] = new Dictionary<string, object> { ["transport"] = "essaim" },
            ["prefetch_count"] = slots,
            ["rusage"] = "N/A",
            ["slots"] = slots,
            ["busy"] = busy,
            ["waiting"] = waiting,
            ["claim_age"] = Math.Round(node.ClaimAge.TotalSeconds, 3),
        });
    }

    /// <summary>The value of <c>active</c> and <c>reserved</c>: a list of Celery's TASK_INFO.</summary>
    public static RawJson Tasks(WorkerNode node, IReadOnlyList<ReservedTask> tasks) => RawJson.From(tasks.Select(task => new Dictionary<string, object?>
    {
        ["id"] = task.Message.Id,
        ["name"] = task.ShownName,
        ["args"] = task.Message.ArgsRepr ?? "",
        ["kwargs"] = task.Message.KwargsRepr ?? "",
        ["type"] = task.Message.Task,
        ["hostname"] = node.Name,
        ["time_start"] = task.StartedTime is { } at ? (at - DateTimeOffset.UnixEpoch).TotalSeconds : null,
        ["acknowledged"] = false,
        ["delivery_info"] = new Dictionary<string, object>
        {
            ["exchange"] = task.Message.Exchange,
            ["routing_key"] = task.Message.RoutingKey,
            ["priority"] = task.Message.Priority,
            ["redelivered"] = task.Delivery.DeliveryCount > 1,
        },
        ["worker_pid"] = task.ProcessId,
    }).ToArray());

    /// <summary>The value of <c>active_queues</c>.</summary>
    public static RawJson Queues(IReadOnlyList<string> queues) => RawJson.From(queues.Select(queue => new Dictionary<string, object?>
    {
        ["name"] = queue,
        ["exchange"] = new Dictionary<string, object?>
        {
            ["name"] = queue,
            ["type"] = "direct",
            ["arguments"] = null,
            ["durable"] = true,
            ["passive"] = false,
            ["auto_delete"] = false,
            ["delivery_mode"] = null,
            ["no_declare"] = false,
        },
        ["routing_key"] = queue,
        ["queue_arguments"] = null,
        ["binding_arguments"] = null,
        ["consumer_arguments"] = null,
        ["durable"] = true,
        ["exclusive"] = false,
        ["auto_delete"] = false,
        ["no_ack"] = false,
        ["alias"] = null,
        ["bindings"] = Array.Empty<object>(),
        ["no_declare"] = null,
        ["expires"] = null,
        ["message_ttl"] = null,
        ["max_length"] = null,
        ["max_length_bytes"] = null,
        ["max_priority"] = null,
    }).ToArray());
}
