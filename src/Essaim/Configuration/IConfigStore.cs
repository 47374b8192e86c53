using Essaim.Protocol;

namespace Essaim;

/// <summary>The one configuration of a fleet: queues, routes and base settings, published by workers, read by everyone. Safe on all threads.</summary>
public interface IConfigStore
{
    /// <summary>The published configuration, or null where none was published.</summary>
    ValueTask<ConfigSnapshot?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Publishes all three parts in one step, provided <paramref name="expectedVersion"/> is still current (null: provided
    /// nothing is published yet). Returns the stored snapshot, or null where another was faster.
    /// </summary>
    ValueTask<ConfigSnapshot?> PublishAsync(ConfigDocument document, string? expectedVersion, CancellationToken cancellationToken);

    /// <summary>The current snapshot (if any), then each new one, until cancelled.</summary>
    IAsyncEnumerable<ConfigSnapshot> WatchAsync(CancellationToken cancellationToken);
}

/// <summary>A configuration.</summary>
/// <param name="Queues">Queue name to its JSON definition (<c>{"name", "routing_key", …}</c>).</param>
/// <param name="Routes">Task name or pattern to <c>{"queue": …}</c>.</param>
/// <param name="Base">Setting to JSON value.</param>
/// <param name="Author">Who published it: <c>node@host</c>.</param>
public sealed record ConfigDocument(
    IReadOnlyDictionary<string, RawJson> Queues, IReadOnlyDictionary<string, RawJson> Routes, IReadOnlyDictionary<string, RawJson> Base, string Author);

/// <summary>A published configuration.</summary>
/// <param name="Version">Grows with each publication; compared as text for equality only.</param>
/// <param name="PublishedAt">When.</param>
/// <param name="Document">What.</param>
public sealed record ConfigSnapshot(string Version, DateTimeOffset PublishedAt, ConfigDocument Document);
