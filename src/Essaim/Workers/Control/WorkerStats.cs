using System.Globalization;
using Essaim.Protocol;

namespace Essaim;

/// <summary>A worker's state in numbers, as <c>inspect stats</c> and Flower expect it.</summary>
internal static class WorkerStats
{
    /// <summary>
    /// The value of <c>stats</c>. Essaim's own are <c>slots</c>, <c>busy</c>, <c>waiting</c>, <c>rate_limited</c>, <c>started_with</c> (queues it serves where everyone serves), <c>config</c> (what it applies), <c>labels</c>, <c>facts</c>, and <c>claim_age</c>:
    /// seconds since the broker last answered a claim.
    /// </summary>
    public static RawJson Of(ControlledWorker worker)
    {
        (int slots, int busy, int waiting) = worker.Scheduler.Count();
        (WorkerNode node, (int min, int max)) = (worker.Node, worker.Scaler.Range);
        Dictionary<string, object> stats = new()
        {
            ["total"] = node.Totals,
            ["pid"] = Environment.ProcessId,
            ["clock"] = node.Clock.ToString(CultureInfo.InvariantCulture),
            ["uptime"] = (long)node.Uptime.TotalSeconds,
            ["pool"] = Pool(worker, busy, max),
            ["broker"] = BrokerFacts.Of(worker.DisplayUrl),
            ["prefetch_count"] = slots,
            ["rusage"] = ResourceUsage.Read(),
        };
        if (worker.Scaler.Autoscales)
            stats["autoscaler"] = new Dictionary<string, int> { ["max"] = max, ["min"] = min, ["current"] = slots, ["qty"] = waiting + busy };
        stats["slots"] = slots;
        stats["busy"] = busy;
        stats["waiting"] = waiting;
        stats["rate_limited"] = worker.Scheduler.CountLimited();
        stats["started_with"] = worker.Configuration.All;
        stats["config"] = worker.Configuration.State.ToJson();
        stats["labels"] = worker.Labels.Own;
        stats["facts"] = worker.Labels.Facts.ToJson();
        if (worker.Labels.Environments is { Count: > 0 } environments)
            stats["environments"] = environments;
        stats["claim_age"] = Math.Round(node.ClaimAge.TotalSeconds, 3);
        return RawJson.From(stats);
    }

    private static Dictionary<string, object> Pool(ControlledWorker worker, int busy, int max)
    {
        WorkerOptions options = worker.Options;
        return new Dictionary<string, object>
        {
            ["implementation"] = options.Pool == WorkerPool.Processes ? "essaim:processes" : "essaim:threads",
            ["max-concurrency"] = max,
            ["processes"] = worker.Scheduler.GetProcessIds(),
            ["max-tasks-per-child"] = options.InForce.MaxTasksPerChild is > 0 and var most ? most : "N/A",
            ["put-guarded-by-semaphore"] = false,
            ["timeouts"] = new[] { options.InForce.SoftTimeLimit?.TotalSeconds ?? 0, options.InForce.HardTimeLimit?.TotalSeconds ?? 0 },
            ["writes"] = Writes(worker.Scheduler.GetTaken(), busy),
        };
    }

    private static Dictionary<string, object> Writes(IReadOnlyList<int> taken, int busy)
    {
        int total = taken.Sum();
        return new Dictionary<string, object>
        {
            ["total"] = total,
            ["avg"] = Share(taken.Count > 0 ? (double)total / taken.Count : 0, total),
            ["all"] = string.Join(", ", taken.Select(one => Share(one, total))),
            ["raw"] = string.Join(", ", taken),
            ["strategy"] = "fair",
            ["inqueues"] = new Dictionary<string, int> { ["total"] = taken.Count, ["active"] = busy },
        };
    }

    private static string Share(double part, int total) => (total > 0 ? part / total : 0).ToString("0.00", CultureInfo.InvariantCulture);
}
