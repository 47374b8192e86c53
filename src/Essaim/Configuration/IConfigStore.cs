namespace Essaim;

/// <summary>The one configuration of a fleet: queues, routes and base settings, published by workers, read by everyone. Safe on all threads.</summary>
public interface IConfigStore
{
    /// <summary>How many versions are kept.</summary>
    const int Kept = 20;

    /// <summary>The published configuration at one instant, or null where none was published.</summary>
    /// <exception cref="ConfigException"><c>ESS1302</c>: what is stored there cannot be read.</exception>
    ValueTask<ConfigSnapshot?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Publishes all three parts in one step, provided <paramref name="expectedVersion"/> is still current (null: provided
    /// nothing is published yet). Returns the stored snapshot, or null where another was faster.
    /// </summary>
    ValueTask<ConfigSnapshot?> PublishAsync(ConfigDocument document, string? expectedVersion, CancellationToken cancellationToken);

    /// <summary>The last versions, newest first, at most <see cref="Kept"/>.</summary>
    ValueTask<IReadOnlyList<ConfigSnapshot>> GetHistoryAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The current snapshot (if any), then each new one, until cancelled; where several come at once the last is enough. An announcement that
    /// was missed is made up for within 10 s.
    /// </summary>
    /// <exception cref="EssaimException">The store cannot be read; watch anew.</exception>
    IAsyncEnumerable<ConfigSnapshot> WatchAsync(CancellationToken cancellationToken);
}
