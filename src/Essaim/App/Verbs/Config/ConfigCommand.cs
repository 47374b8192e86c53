using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim;

/// <summary><c>config</c>: the fleet's one configuration.</summary>
internal sealed class ConfigCommand : Command
{
    public ConfigCommand()
        : base("config", "Checks, publishes, shows and watches the fleet's one configuration: queues, routes, base settings.")
    {
        Add(new ConfigValidateCommand());
        Add(new ConfigPublishCommand());
        Add(new ConfigShowCommand());
        Add(new ConfigDiffCommand());
        Add(new ConfigWatchCommand());
        Add(new ConfigHistoryCommand());
        Add(new ConfigRollbackCommand());
        Add(new ConfigDoctorCommand());
        Add(new ConfigSchemaCommand());
    }
}

/// <summary>What the verbs of <c>config</c> share.</summary>
internal static class ConfigVerbs
{
    public static Argument<string?> FileArgument() => new("FILE")
    {
        Description = $"YAML, or JSON [default: {FleetStart.FileVariable}, else {ConfigSource.DefaultFile}]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<string?> EnvironmentOption() => new("--environment")
    {
        HelpName = "NAME",
        Description = $"Which environment of the file [default: {FleetStart.EnvironmentVariable}, else none]",
    };

    /// <summary>The file that was named, or the one of this folder.</summary>
    public static string FileOf(string? given)
    {
        string? file = given ?? Environment.GetEnvironmentVariable(FleetStart.FileVariable);
        return string.IsNullOrWhiteSpace(file) ? ConfigSource.DefaultFile : file;
    }

    public static ConfigSource Load(CommandContext context, string? file, string? environment) =>
        FleetStart.FindSource(context.Definition, file, environment)
        ?? throw new ConfigException("ESS1303", $"There is no {ConfigSource.DefaultFile} in this folder. Name the file, or write one: '{context.Definition.Name} config schema' says what may stand there.");

    public static async ValueTask<ConfigPublisher> OpenPublisherAsync(CommandContext context, CancellationToken cancellationToken) =>
        new((await context.OpenBackendAsync(cancellationToken)).Configuration, $"{Environment.UserName}@{Environment.MachineName}", NullLogger.Instance);

    /// <exception cref="ConfigException"><c>ESS1305</c>: nothing is published.</exception>
    public static async ValueTask<ConfigSnapshot> ReadAsync(CommandContext context, CancellationToken cancellationToken) =>
        await (await context.OpenBackendAsync(cancellationToken)).Configuration.ReadAsync(cancellationToken) ?? throw NothingPublished(context);

    public static ConfigException NothingPublished(CommandContext context) =>
        new("ESS1305", $"Nothing is published on this broker. Publish with '{context.Definition.Name} config publish FILE', or start a worker beside the file.");

    public static string Describe(ConfigSnapshot snapshot) =>
        $"{snapshot.Version}: revision {snapshot.Document.Revision} by {(snapshot.Document.Author.Length > 0 ? snapshot.Document.Author : "somebody")}, {TimeText.Show(snapshot.PublishedAt)}";

    public static void WritePublished(CommandContext context, ConfigDocument before, ConfigSnapshot published)
    {
        IReadOnlyList<ConfigChange> changes = ConfigDiff.Between(before, published.Document);
        if (context.Output.IsJson)
        {
            context.Output.Json(new { published = ToJson(published), changes = ToJson(changes) });
            return;
        }

        context.Output.Data($"published {Describe(published)}");
        WriteChanges(context, changes);
    }

    public static void WriteChanges(CommandContext context, IReadOnlyList<ConfigChange> changes)
    {
        foreach (ConfigChange change in changes)
            context.Output.Data($"  {change}");
    }

    public static IEnumerable<object> ToJson(IReadOnlyList<ConfigChange> changes) =>
        changes.Select(change => new { change = change.Word, path = change.Path, before = Raw(change.Before), after = Raw(change.After) });

    public static object ToJson(ConfigSnapshot snapshot) => new
    {
        version = snapshot.Version,
        revision = snapshot.Document.Revision,
        hash = snapshot.Document.Hash,
        author = snapshot.Document.Author,
        host = snapshot.Document.Host,
        published_at = snapshot.PublishedAt,
    };

    private static System.Text.Json.JsonElement? Raw(string? json) => json is null ? null : System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(json);
}
