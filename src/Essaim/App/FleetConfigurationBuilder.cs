namespace Essaim;

/// <summary>Routes and base settings a program publishes, beside its queues. Not safe for several threads.</summary>
public sealed class FleetConfigurationBuilder
{
    internal Dictionary<string, string> Routes { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, object?> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Sends tasks to a queue.</summary>
    /// <param name="pattern">A task's name, or a pattern with <c>*</c> (any characters) and <c>?</c> (one). An exact name is stronger, then the pattern with more literal characters.</param>
    /// <param name="queue">The queue, one the program defines.</param>
    public FleetConfigurationBuilder AddRoute(string pattern, string queue)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentException.ThrowIfNullOrEmpty(queue);
        Routes[pattern] = queue;
        return this;
    }

    /// <summary>Sets a base setting.</summary>
    /// <param name="setting">Its name, Celery's where Celery has one: <c>task_time_limit</c>, <c>result_expires</c>.</param>
    /// <param name="value">Written as JSON; times as seconds or as text (<c>5m</c>). A secret is a reference: <c>${env:NAME}</c>, <c>${file:PATH}</c>.</param>
    public FleetConfigurationBuilder Set(string setting, object? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(setting);
        Settings[setting] = value is TimeSpan span ? span.TotalSeconds : value;
        return this;
    }
}
