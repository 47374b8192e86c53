namespace Essaim;

/// <summary>Finds all mistakes in a worker's settings at once.</summary>
internal static class WorkerOptionsValidator
{
    /// <exception cref="WorkerException"><c>ESS3002</c>, with every mistake.</exception>
    public static void Check(WorkerOptions options)
    {
        List<string> mistakes = [];
        Require(options.Queues.Count > 0, "Queues is empty: name at least one queue, such as celery.");
        Require(!options.Queues.Any(string.IsNullOrWhiteSpace), "Queues holds an empty name.");
        Require(options.LowPriorityShare is >= 0 and <= 0.5, $"LowPriorityShare is {options.LowPriorityShare}: it must be 0 to 0.5.");
        foreach (string label in options.Labels)
            Require(NodeLabels.Mistake(label) is null, $"Labels: {NodeLabels.Mistake(label)}");
        Require(
            options.Labels.Select(label => NodeLabels.Split(label).Name).Distinct(StringComparer.Ordinal).Count() == options.Labels.Count,
            "Labels holds a name twice: a label has one value.");
        Require(options.MaxConcurrency >= 1, $"MaxConcurrency is {options.MaxConcurrency}: it must be at least 1.");
        Require(options.MinConcurrency is not < 0, $"MinConcurrency is {options.MinConcurrency}: it must be at least 0.");
        Require(
            !(options.MinConcurrency > options.MaxConcurrency),
            $"MinConcurrency ({options.MinConcurrency}) is above MaxConcurrency ({options.MaxConcurrency}); --autoscale takes the larger number first.");
        Require(options.Lease >= TimeSpan.FromSeconds(3), $"Lease is {options.Lease.TotalSeconds} s: it must be at least 3 s.");
        Require(options.MaxDeliveries >= 1, $"MaxDeliveries is {options.MaxDeliveries}: it must be at least 1.");
        Require(options.Heartbeat >= TimeSpan.Zero, "Heartbeat is below 0 s: it must be longer, or 0 s for none.");
        Require(options.ClaimAgeLimit >= TimeSpan.FromSeconds(10), $"ClaimAgeLimit is {options.ClaimAgeLimit.TotalSeconds} s: it must be at least 10 s.");
        Require(options.ScaleDownAfter > TimeSpan.Zero, "ScaleDownAfter must be longer than 0 s.");
        Require(options.TargetWait > TimeSpan.Zero, "TargetWait must be longer than 0 s.");
        Require(!(options.MemoryBudget < 1), "MemoryBudget must be more than nothing, or not set.");
        Require(!(options.SoftTimeLimit <= TimeSpan.Zero), "SoftTimeLimit must be longer than 0 s, or not set.");
        Require(!(options.HardTimeLimit <= TimeSpan.Zero), "HardTimeLimit must be longer than 0 s, or not set.");
        Require(options.TasksPerSharedChild >= 1, $"TasksPerSharedChild is {options.TasksPerSharedChild}: it must be at least 1.");
        Require(!(options.MaxTasks < 1), $"MaxTasks is {options.MaxTasks}: it must be at least 1, or not set.");
        Require(!(options.MaxTasksPerChild < 0), $"MaxTasksPerChild is {options.MaxTasksPerChild}: it must be at least 1, or 0 for never, or not set.");
        Require(options.KillGrace >= TimeSpan.Zero, "KillGrace is below 0 s: it must be longer, or 0 s for none.");
        Require(!(options.MaxMemoryPerChild < 1), "MaxMemoryPerChild must be more than nothing, or not set.");
        Require(!(options.MemoryLimitPerChild < 1), "MemoryLimitPerChild must be more than nothing, or not set.");
        Require(
            !(options.MaxMemoryPerChild > options.MemoryLimitPerChild),
            "MaxMemoryPerChild is above MemoryLimitPerChild: a child would be killed before it is replaced.");
        Require(
            options.Pool == WorkerPool.Processes || (options.MaxMemoryPerChild ?? options.MemoryLimitPerChild) is null,
            "MaxMemoryPerChild and MemoryLimitPerChild need child processes: leave --pool threads out, or them.");
        Require(
            options.Pool != WorkerPool.Processes || !OperatingSystem.IsWindows(),
            "Pool is processes, which needs Linux or macOS: use --pool threads on Windows.");
        if (mistakes.Count > 0)
            throw WorkerException.WrongOptions(mistakes);

        void Require(bool holds, string mistake)
        {
            if (!holds)
                mistakes.Add(mistake);
        }
    }
}
