namespace Essaim;

/// <summary>
/// Those of a worker's settings that the fleet's configuration may change while it runs. Replaced as a whole, so that nobody reads half of an old
/// and half of a new one. Immutable.
/// </summary>
internal sealed record SettingsInForce(TimeSpan? HardTimeLimit, TimeSpan? SoftTimeLimit, int? MaxTasksPerChild, int MaxDeliveries, TimeSpan Heartbeat)
{
    /// <summary>The worker's own.</summary>
    public static SettingsInForce Of(WorkerOptions options) => new(options.HardTimeLimit, options.SoftTimeLimit, options.MaxTasksPerChild, options.MaxDeliveries, options.Heartbeat);

    /// <summary>What is published, where the command line does not say otherwise; else the worker's own.</summary>
    public static SettingsInForce Of(WorkerOptions options, BaseSettings published) => new(
        Choose(options, nameof(WorkerOptions.HardTimeLimit), published.HardTimeLimit, options.HardTimeLimit),
        Choose(options, nameof(WorkerOptions.SoftTimeLimit), published.SoftTimeLimit, options.SoftTimeLimit),
        Choose(options, nameof(WorkerOptions.MaxTasksPerChild), published.MaxTasksPerChild, options.MaxTasksPerChild),
        Choose(options, nameof(WorkerOptions.MaxDeliveries), published.MaxDeliveries, null) ?? options.MaxDeliveries,
        Choose(options, nameof(WorkerOptions.Heartbeat), published.Heartbeat, null) ?? options.Heartbeat);

    private static T? Choose<T>(WorkerOptions options, string name, T? published, T? own)
        where T : struct => options.OnCommandLine.Contains(name) ? own : published ?? own;
}
