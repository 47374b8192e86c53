using Essaim.Protocol;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>How a source stands to what is published.</summary>
internal enum SourceStanding
{
    /// <summary>There is no source.</summary>
    None,

    /// <summary>What is published is its content.</summary>
    Published,

    /// <summary>A higher revision is published.</summary>
    Behind,

    /// <summary>The same revision is published, with other content.</summary>
    Conflict,
}

/// <summary>Publishes a source by the rule of revisions; see ADR 12.</summary>
internal sealed partial class ConfigPublisher(IConfigStore store, string author, ILogger logger)
{
    private const int MostTries = 20;

    /// <summary>Publishes it if its revision is higher, or nothing is published.</summary>
    /// <returns>How it stands now, and what is published.</returns>
    public async ValueTask<(SourceStanding Standing, ConfigSnapshot Current)> OfferAsync(ConfigSource source, CancellationToken cancellationToken)
    {
        while (true)
        {
            ConfigSnapshot? current = await store.ReadAsync(cancellationToken);
            ConfigDocument document = Sign(Fill(source, current?.Document));
            if (current is not null)
            {
                SourceStanding standing = Judge(document, current.Document);
                if (current.Document.Hash == document.Hash && document.Revision <= current.Document.Revision)
                {
                    LogSame(source.Origin, current.Version);
                    return (SourceStanding.Published, current);
                }

                if (standing != SourceStanding.Published)
                {
                    LogYields(source.Origin, document.Revision, standing == SourceStanding.Behind ? "older than" : "of the same revision as, but not the same as,",
                        current.Document.Revision, current.Document.Author, standing == SourceStanding.Behind ? "Update it." : $"Raise its revision above {current.Document.Revision} if it is the right one.");
                    return (standing, current);
                }
            }

            if (await store.PublishAsync(document, current?.Version, cancellationToken) is { } published)
            {
                LogPublished(published.Version, document.Revision, source.Origin, document.Queues.Count, document.Routes.Count, document.Base.Count);
                return (SourceStanding.Published, published);
            }
        }
    }

    /// <summary>Publishes what a person wants published.</summary>
    /// <param name="source">What.</param>
    /// <param name="force">Whatever the revisions say.</param>
    /// <param name="cancellationToken">Stops trying.</param>
    /// <exception cref="ConfigException"><c>ESS1304</c>: its revision is not above the published one.</exception>
    public ValueTask<ConfigSnapshot> PublishAsync(ConfigSource source, bool force, CancellationToken cancellationToken) => StoreAsync(
        current =>
        {
            ConfigDocument document = Fill(source, current?.Document);
            if (current is null || current.Document.Hash == document.Hash && document.Revision <= current.Document.Revision)
                return document;
            if (!force && document.Revision <= current.Document.Revision)
            {
                throw new ConfigException(
                    "ESS1304",
                    $"{source.Origin} declares revision {document.Revision}, and {current.Document.Revision} of {current.Document.Author} is published with other content. "
                    + $"Look at 'config diff', write revision: {current.Document.Revision + 1} and publish again, or publish it all the same with --force.");
            }

            return document with { Revision = Math.Max(document.Revision, current.Document.Revision) };
        },
        source.Origin,
        cancellationToken);

    /// <summary>Publishes an earlier version again. The revision stays, so that the source that was rolled back is not published again by itself.</summary>
    /// <exception cref="ConfigException"><c>ESS1305</c>: there is no such version.</exception>
    public async ValueTask<ConfigSnapshot> RollBackAsync(string version, CancellationToken cancellationToken)
    {
        IReadOnlyList<ConfigSnapshot> history = await store.GetHistoryAsync(cancellationToken);
        ConfigSnapshot old = history.FirstOrDefault(one => one.Version == version)
            ?? throw new ConfigException("ESS1305", $"There is no version '{version}' among the last {history.Count} that are kept. 'config history' lists them.");
        FleetConfiguration.Read(old);
        return await StoreAsync(current => old.Document with { Revision = Math.Max(old.Document.Revision, current?.Document.Revision ?? 0) }, $"version {version}", cancellationToken);
    }

    /// <summary>How a document stands to the published one; <see cref="SourceStanding.Published"/> also where it is to be published.</summary>
    internal static SourceStanding Judge(ConfigDocument document, ConfigDocument published) =>
        document.Hash == published.Hash || document.Revision > published.Revision ? SourceStanding.Published
        : document.Revision < published.Revision ? SourceStanding.Behind
        : SourceStanding.Conflict;

    /// <summary>The source's document; the placement in force stays where it has none of its own.</summary>
    internal static ConfigDocument Fill(ConfigSource source, ConfigDocument? current)
    {
        ConfigDocument document = source.Document;
        if (current is null || document.Base.ContainsKey(Placement.Setting) || !current.Base.TryGetValue(Placement.Setting, out RawJson placement))
            return document;
        return new ConfigDocument(document.Queues, document.Routes, new Dictionary<string, RawJson>(document.Base, StringComparer.Ordinal) { [Placement.Setting] = placement }, document.Author) { Revision = document.Revision };
    }

    /// <summary>Changes what is published.</summary>
    /// <exception cref="ConfigException"><c>ESS1308</c>: others publish all the time.</exception>
    private async ValueTask<ConfigSnapshot> StoreAsync(Func<ConfigSnapshot?, ConfigDocument> change, string origin, CancellationToken cancellationToken)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            ConfigSnapshot? current = await store.ReadAsync(cancellationToken);
            ConfigDocument document = Sign(change(current));
            if (await store.PublishAsync(document, current?.Version, cancellationToken) is not { } published)
                continue;
            LogPublished(published.Version, document.Revision, origin, document.Queues.Count, document.Routes.Count, document.Base.Count);
            return published;
        }

        throw new ConfigException("ESS1308", $"Nothing was published: others changed the configuration each of {MostTries} times it was tried. Try again.");
    }

    private ConfigDocument Sign(ConfigDocument document) => document with { Author = author, Host = Environment.MachineName };

    [LoggerMessage(1300, LogLevel.Information, "[CELERY_CONFIG_PUBLISHER] published {Version}: revision {Revision} of {Source}, {Queues} queues, {Routes} routes, {Settings} settings", EventName = "CELERY_CONFIG_PUBLISHER")]
    private partial void LogPublished(string version, long revision, string source, int queues, int routes, int settings);

    [LoggerMessage(1301, LogLevel.Debug, "[CELERY_CONFIG_PUBLISHER] {Source} is what is published ({Version})", EventName = "CELERY_CONFIG_PUBLISHER_SAME")]
    private partial void LogSame(string source, string version);

    [LoggerMessage(1302, LogLevel.Warning, "[CELERY_CONFIG_PUBLISHER] out of sync: {Source} (revision {Revision}) is {Relation} what is published (revision {Published} by {Author}), which is followed. {Advice}", EventName = "CELERY_CONFIG_PUBLISHER_OUT_OF_SYNC")]
    private partial void LogYields(string source, long revision, string relation, long published, string author, string advice);
}
