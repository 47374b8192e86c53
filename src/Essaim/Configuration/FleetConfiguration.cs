using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// The configuration of a fleet, read and checked: queues, routes, base settings. Immutable; safe on all threads. Where nothing is published
/// it is <see cref="BuiltIn"/>.
/// </summary>
public sealed class FleetConfiguration
{
    private readonly Dictionary<string, QueueDefinition> _queues;
    private readonly IReadOnlyDictionary<string, RawJson> _settings;

    internal FleetConfiguration(ConfigDocument document, IReadOnlyList<QueueDefinition> queues, TaskRoutes routes, BaseSettings settings, Placement placement)
    {
        Document = document;
        Queues = queues;
        _queues = queues.ToDictionary(queue => queue.Name, StringComparer.Ordinal);
        Routes = routes;
        Base = settings;
        _settings = document.Base;
        Placement = placement;
    }

    /// <summary>Without a queue, a route or a setting: the defaults hold.</summary>
    public static FleetConfiguration BuiltIn { get; } = new(ConfigDocument.Empty, [], new TaskRoutes(), new BaseSettings(), Placement.Everyone);

    /// <summary>Which version it is; empty: none was published, or it comes from a source.</summary>
    public string Version { get; private init; } = "";

    /// <summary>When it was published.</summary>
    public DateTimeOffset? PublishedAt { get; private init; }

    /// <summary>What its source declared.</summary>
    public long Revision => Document.Revision;

    /// <summary>Who published it.</summary>
    public string Author => Document.Author;

    /// <summary>SHA-256 of its content, in hexadecimal.</summary>
    public string Hash => Document.Hash;

    /// <summary>The queues, by name.</summary>
    public IReadOnlyList<QueueDefinition> Queues { get; }

    /// <summary>
    /// Queues by task name. An exact name is stronger than a pattern; of two patterns the one with more literal characters is, then the one
    /// first in the alphabet.
    /// </summary>
    public TaskRoutes Routes { get; }

    /// <summary>The settings Essaim itself heeds.</summary>
    public BaseSettings Base { get; }

    internal ConfigDocument Document { get; }

    internal Placement Placement { get; }

    /// <summary>A queue, or the one it is derived from; null where the configuration has neither.</summary>
    public QueueDefinition? FindQueue(string name) =>
        _queues.Count == 0 ? null : _queues.TryGetValue(name, out QueueDefinition? queue) ? queue : _queues.GetValueOrDefault(QueueNames.BaseOf(name));

    /// <summary>Any base setting, also those Essaim does not know. <c>${env:NAME}</c> and <c>${file:PATH}</c> in a text are resolved here, on this machine.</summary>
    /// <typeparam name="T">What it is read as.</typeparam>
    /// <param name="name">Its name.</param>
    /// <returns>The setting; null (or 0, false) where it is not set.</returns>
    /// <exception cref="ConfigException"><c>ESS1306</c>: a reference cannot be resolved; <c>ESS1307</c>: the setting is no <typeparamref name="T"/>.</exception>
    public T? GetSetting<T>(string name)
    {
        if (!_settings.TryGetValue(name, out RawJson json))
            return default;
        try
        {
            if (json.Deserialize<JsonElement>() is { ValueKind: JsonValueKind.String } text && text.GetString() is { } written && written.Contains("${", StringComparison.Ordinal))
                json = RawJson.From(SecretReference.Resolve(written, name));
            return json.Deserialize<T>();
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new ConfigException("ESS1307", $"The setting '{name}' is {json}, which is not a {TaskParameter.TypeName(typeof(T))}. Ask for a type that fits, or correct it.", error);
        }
    }

    /// <summary>Reads what is published.</summary>
    /// <exception cref="ConfigException"><c>ESS1302</c>: it is damaged or wrong; nothing of it counts.</exception>
    internal static FleetConfiguration Read(ConfigSnapshot snapshot)
    {
        string what = $"The published configuration {snapshot.Version}";
        if (snapshot.DeclaredHash is { Length: > 0 } declared && declared != snapshot.Document.Hash)
        {
            throw new ConfigException(
                "ESS1302",
                $"{what} does not fit its hash: something else than a publisher has written there. Publish it again (essaim config publish), or roll back (essaim config rollback).");
        }

        ConfigReport report = new(null, allowUnknown: true);
        FleetConfiguration read = ConfigChecker.CheckPublished(snapshot.Document, report);
        return report.Mistakes.Count > 0
            ? throw new ConfigException("ESS1302", what, report.Mistakes)
            : new FleetConfiguration(snapshot.Document, read.Queues, read.Routes, read.Base, read.Placement) { Version = snapshot.Version, PublishedAt = snapshot.PublishedAt };
    }
}
