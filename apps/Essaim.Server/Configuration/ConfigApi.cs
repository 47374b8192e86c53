using System.Text.Json;
using Essaim.Protocol;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>The fleet's one configuration.</summary>
internal static class ConfigApi
{
    private const int MostText = 64;
    private const int MostAudited = 50;

    public static void MapConfig(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/config", ReadAsync).WithTags("Configuration").WithName("get_config").WithSummary("Show the configuration the core applies, and which version each worker does")
            .Produces<ConfigView>().ProducesProblem(400);
        v1.MapPost("/config", PublishAsync).WithTags("Configuration").WithName("publish_config").WithSummary("Publish a configuration for the whole fleet")
            .WithDescription("?force=true publishes it also where its revision is not above the published one.")
            .Accepts<ConfigSourceBody>("application/json").Produces<ConfigPublishedView>().ProducesProblem(400).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422);
        v1.MapGet("/config/history", ListAsync).WithTags("Configuration").WithName("list_config_history").WithSummary("List the last versions").Produces<ConfigHistoryView>().ProducesProblem(400);
        v1.MapGet("/config/history/{version}", ReadVersionAsync).WithTags("Configuration").WithName("get_config_version").WithSummary("Show one of the last versions")
            .Produces<ConfigView>().ProducesProblem(400).ProducesProblem(404);
        v1.MapGet("/config/diff", DiffAsync).WithTags("Configuration").WithName("diff_config").WithSummary("Show what differs between two versions: ?from=VERSION&to=VERSION (default: the published one)")
            .Produces<ConfigDiffView>().ProducesProblem(400).ProducesProblem(404);
        v1.MapPost("/config/rollback", RollBackAsync).WithTags("Configuration").WithName("roll_back_config").WithSummary("Publish an earlier version again")
            .Accepts<ConfigRollbackBody>("application/json").Produces<ConfigPublishedView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422);
    }

    private static async Task<Ok<ConfigView>> ReadAsync(HttpContext context, LiveConfiguration live, ConfigDrift drift, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        FleetConfiguration current = live.Current;
        return TypedResults.Ok(Describe(current.Version, current.PublishedAt, current.Document) with
        {
            Origin = live.Origin switch { ConfigurationOrigin.Published => "published", ConfigurationOrigin.LastGood => "last-good", _ => "built-in" },
            Trouble = live.Trouble,
            Workers = await drift.FindAsync(cancellationToken),
        });
    }

    private static async Task<Ok<ConfigHistoryView>> ListAsync(HttpContext context, IBackend backend, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        IReadOnlyList<ConfigSnapshot> history = await backend.Configuration.GetHistoryAsync(cancellationToken);
        return TypedResults.Ok(new ConfigHistoryView([.. history.Select(DescribeVersion)]));
    }

    private static async Task<Ok<ConfigView>> ReadVersionAsync(string version, HttpContext context, IBackend backend, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        ConfigSnapshot found = Find(version, await backend.Configuration.GetHistoryAsync(cancellationToken));
        return TypedResults.Ok(Describe(found.Version, found.PublishedAt, found.Document));
    }

    private static async Task<Ok<ConfigDiffView>> DiffAsync(HttpContext context, IBackend backend, CancellationToken cancellationToken)
    {
        QueryReader query = new(context.Request.Query);
        string? from = query.Text("from"), to = query.Text("to");
        query.Finish();
        IReadOnlyList<ConfigSnapshot> history = await backend.Configuration.GetHistoryAsync(cancellationToken);
        ConfigSnapshot before = from is null ? Default(history, 1) : Find(from, history);
        ConfigSnapshot after = to is null ? Default(history, 0) : Find(to, history);
        return TypedResults.Ok(new ConfigDiffView(before.Version, after.Version, Describe(ConfigDiff.Between(before.Document, after.Document))));
    }

    private static async Task<Ok<ConfigPublishedView>> PublishAsync(
        HttpContext context, IBackend backend, IMetadataStore store, TimeProvider time, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        QueryReader query = new(context.Request.Query);
        bool force = query.Flag("force");
        query.Finish();
        byte[] body = await RequestBody.ReadAsync(context, cancellationToken);
        RequestBody.Parse(body).Dispose();
        ConfigSource source = ConfigSource.Parse(body, "the request");
        ConfigDocument before = (await backend.Configuration.ReadAsync(cancellationToken))?.Document ?? ConfigDocument.Empty;
        ConfigSnapshot published = await Publisher(backend, logging).PublishAsync(source, force, cancellationToken);
        return await AnswerAsync("config.publish", before, published, store, time);
    }

    private static async Task<Ok<ConfigPublishedView>> RollBackAsync(
        HttpContext context, IBackend backend, IMetadataStore store, TimeProvider time, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
        List<Mistake> mistakes = [];
        ObjectReader reader = new(body.RootElement, "$", mistakes);
        string version = reader.Text("version", MostText, required: true) ?? "";
        reader.Finish();
        if (mistakes.Count > 0)
            throw new ProblemException(Problem.Invalid(mistakes));
        ConfigDocument before = (await backend.Configuration.ReadAsync(cancellationToken))?.Document ?? ConfigDocument.Empty;
        ConfigSnapshot published = await Publisher(backend, logging).RollBackAsync(version, cancellationToken);
        return await AnswerAsync("config.rollback", before, published, store, time);
    }

    private static async Task<Ok<ConfigPublishedView>> AnswerAsync(string action, ConfigDocument before, ConfigSnapshot published, IMetadataStore store, TimeProvider time)
    {
        IReadOnlyList<ConfigChange> changes = ConfigDiff.Between(before, published.Document);
        string detail = string.Join("\n", changes.Take(MostAudited)) + (changes.Count > MostAudited ? $"\nand {changes.Count - MostAudited} more" : "");
        // It is published, whoever waits for the answer: it must not be missing in the audit because somebody hung up.
        await store.Edge.AddAuditAsync("admin", action, published.Version, detail, time.GetUtcNow(), CancellationToken.None);
        return TypedResults.Ok(new ConfigPublishedView(DescribeVersion(published), Describe(changes)));
    }

    /// <summary>What the API does is signed as the admin's: there is one key, and who has it is the admin.</summary>
    private static ConfigPublisher Publisher(IBackend backend, ILoggerFactory logging) =>
        new(backend.Configuration, $"admin@{Environment.MachineName}", logging.CreateLogger("Essaim.Configuration"));

    private static ConfigSnapshot Find(string version, IReadOnlyList<ConfigSnapshot> history) => history.FirstOrDefault(one => one.Version == version)
        ?? throw new ConfigException("ESS1305", $"There is no version '{version}' among the last {history.Count} that are kept. /v1/config/history lists them.");

    private static ConfigSnapshot Default(IReadOnlyList<ConfigSnapshot> history, int at) => history.Count > at ? history[at]
        : throw new ConfigException("ESS1305", history.Count == 0 ? "Nothing is published yet." : "Only one version is published yet. Name two with from and to.");

    private static ConfigVersionView DescribeVersion(ConfigSnapshot snapshot) => new()
    {
        Version = snapshot.Version,
        Revision = snapshot.Document.Revision,
        Hash = snapshot.Document.Hash,
        Author = snapshot.Document.Author,
        Host = snapshot.Document.Host,
        PublishedAt = snapshot.PublishedAt,
    };

    private static ConfigView Describe(string version, DateTimeOffset? at, ConfigDocument document) => new()
    {
        Version = version,
        Revision = document.Revision,
        Hash = document.Hash,
        Author = document.Author,
        Host = document.Host,
        PublishedAt = at,
        Queues = Elements(document.Queues),
        Routes = Elements(document.Routes),
        Base = Elements(document.Base),
    };

    private static Dictionary<string, JsonElement> Elements(IReadOnlyDictionary<string, RawJson> part) =>
        part.OrderBy(field => field.Key, StringComparer.Ordinal).ToDictionary(field => field.Key, field => field.Value.Deserialize<JsonElement>(), StringComparer.Ordinal);

    private static IReadOnlyList<ConfigChangeView> Describe(IReadOnlyList<ConfigChange> changes) =>
        [.. changes.Select(change => new ConfigChangeView(change.Word, change.Path, Element(change.Before), Element(change.After)))];

    private static JsonElement? Element(string? json) => json is null ? null : JsonSerializer.Deserialize<JsonElement>(json);
}
