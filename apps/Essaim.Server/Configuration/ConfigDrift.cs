using System.Text.Json;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>How a worker stands to what is published.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Version">What it applies; null: it does not say, as Celery's workers do not.</param>
/// <param name="Source">Where it has a source of its own: published, behind, or conflict.</param>
/// <param name="InSync">False where it applies another version for more than 30 s after a new one was published.</param>
internal sealed record WorkerConfigState(string Node, string? Version, string? Source, bool InSync);

/// <summary>Finds workers that do not run what is published.</summary>
internal sealed class ConfigDrift(IMetadataStore store, LiveConfiguration live, TimeProvider time)
{
    private static readonly TimeSpan Allowed = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    /// <summary>The workers that are not offline.</summary>
    public async ValueTask<IReadOnlyList<WorkerConfigState>> FindAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<WorkerRecord> records = await store.Workers.ListAsync(now - Remembered, cancellationToken);
        return [.. records.Select(record => WorkersApi.Describe(record, now)).Where(worker => worker.Status != WorkerView.Offline).Select(worker => Judge(worker, live, now))];
    }

    /// <summary>How one worker stands, by its last heartbeat.</summary>
    public static WorkerConfigState Judge(WorkerView worker, LiveConfiguration live, DateTimeOffset now)
    {
        (string? version, string? source) = worker.Config is { } config ? (Text(config, "version"), Text(config, "source")) : (null, null);
        FleetConfiguration current = live.Current;
        // A worker that has been silent since may have taken it over.
        bool inSync = version is null || live.Origin != ConfigurationOrigin.Published || version == current.Version
            || now - current.PublishedAt < Allowed || worker.LastSeen < current.PublishedAt;
        return new WorkerConfigState(worker.Node, version, source, inSync);
    }

    private static string? Text(JsonElement config, string name) =>
        config.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
