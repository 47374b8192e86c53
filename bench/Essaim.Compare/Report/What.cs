namespace Essaim.Compare;

/// <summary>The names of what is measured, as they stand in the table.</summary>
internal static class What
{
    public const string Bulk = "enqueue, 1,000 a call";
    public const string IdleP50 = "latency, idle worker, p50";
    public const string IdleP99 = "latency, idle worker, p99";
    public const string HalfP50 = "latency, half load, p50";
    public const string HalfP99 = "latency, half load, p99";
    public const string HalfRate = "latency, half load, rate reached";
    public const string ReplayLimit = "replay, bare client";
    public const string ReplayRate = "replay, worker";
    public const string ReplayShare = "replay, worker / bare client";
    public const string DepthCost = "depth, cost deep / shallow";
    public const string DepthRedisCost = "depth, Redis CPU deep / shallow";

    public static string Enqueue(int callers) => $"enqueue one by one, {callers} {(callers == 1 ? "caller" : "callers")}";

    public static string Process(bool keep) => keep ? "process, results kept" : "process, no results";

    public static string Cpu(bool keep) => $"{Process(keep)}: worker CPU";

    public static string RedisCpu(bool keep) => $"{Process(keep)}: Redis CPU";

    public static string Resident(bool keep) => $"{Process(keep)}: peak RSS";

    public static string Proportional(bool keep) => $"{Process(keep)}: peak PSS";

    public static string Depth(int waiting) => $"depth, {waiting:N0} waiting";
}
