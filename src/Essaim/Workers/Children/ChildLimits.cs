namespace Essaim;

/// <summary>How children are kept in bounds, and how they are ended.</summary>
internal sealed record ChildLimits
{
    /// <summary>Between SIGTERM and SIGKILL; zero: no SIGTERM.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes above which a child is replaced once it is idle.</summary>
    public long? SoftMemory { get; init; }

    /// <summary>Bytes above which a child is killed.</summary>
    public long? HardMemory { get; init; }

    /// <summary>Where the kernel keeps <see cref="HardMemory"/>; null: the worker looks for itself.</summary>
    public MemoryCages? Cages { get; init; }

    /// <summary>Takes over a worker's settings, and finds out what the machine allows.</summary>
    public static ChildLimits Of(WorkerOptions options, Func<MemoryCages?> findCages) => new()
    {
        KillGrace = options.KillGrace,
        SoftMemory = options.MaxMemoryPerChild,
        HardMemory = options.MemoryLimitPerChild,
        Cages = options.MemoryLimitPerChild is null ? null : findCages(),
    };

    /// <summary>A child that is past a limit before its first task will never run one.</summary>
    /// <exception cref="WorkerException"><c>ESS3003</c>.</exception>
    public void Check(long startUpBytes)
    {
        if (HardMemory is { } hard && startUpBytes > hard)
            throw WorkerException.CapBelowStartUp("--memory-limit-per-child", hard, startUpBytes);
        if (SoftMemory is { } soft && startUpBytes > soft)
            throw WorkerException.CapBelowStartUp("--max-memory-per-child", soft, startUpBytes);
    }
}
