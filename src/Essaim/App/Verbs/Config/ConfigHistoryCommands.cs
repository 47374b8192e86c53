using System.CommandLine;

namespace Essaim;

/// <summary><c>config history</c>.</summary>
internal sealed class ConfigHistoryCommand : AppCommand
{
    private static readonly string[] Headers = ["VERSION", "REVISION", "PUBLISHED", "BY", "FROM", "CHANGES"];

    public ConfigHistoryCommand()
        : base("history", "Lists the last versions, newest first: who published what, from where, when.") => Examples = ["config history", "config history --format json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IReadOnlyList<ConfigSnapshot> history = await (await context.OpenBackendAsync(cancellationToken)).Configuration.GetHistoryAsync(cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(history.Select((one, at) => new { entry = ConfigVerbs.ToJson(one), changes = at + 1 < history.Count ? ConfigVerbs.ToJson(ConfigDiff.Between(history[at + 1].Document, one.Document)) : null }));
            return ExitCodes.Ok;
        }

        context.Output.Table(Headers, [.. history.Select((one, at) => Row(one, at + 1 < history.Count ? history[at + 1] : null))]);
        return ExitCodes.Ok;
    }

    private static IReadOnlyList<string> Row(ConfigSnapshot one, ConfigSnapshot? before) =>
    [
        one.Version, $"{one.Document.Revision}", TimeText.Show(one.PublishedAt), one.Document.Author, one.Document.Host,
        before is null ? "-" : Summary(ConfigDiff.Between(before.Document, one.Document)),
    ];

    private static string Summary(IReadOnlyList<ConfigChange> changes) => changes.Count switch
    {
        0 => "none",
        <= 2 => string.Join("; ", changes),
        _ => $"{changes[0]}; and {changes.Count - 1} more",
    };
}

/// <summary><c>config rollback</c>.</summary>
internal sealed class ConfigRollbackCommand : AppCommand
{
    private readonly Argument<string> _version = new("VERSION") { Description = "One of 'config history'" };

    public ConfigRollbackCommand()
        : base("rollback", "Publishes an earlier version again. A source of the revision that was rolled back does not come back by itself.")
    {
        Add(_version);
        Examples = ["config rollback 1764140000.123456"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        ConfigSnapshot before = await ConfigVerbs.ReadAsync(context, cancellationToken);
        ConfigSnapshot published = await (await ConfigVerbs.OpenPublisherAsync(context, cancellationToken)).RollBackAsync(context.GetValue(_version)!, cancellationToken);
        ConfigVerbs.WritePublished(context, before.Document, published);
        return ExitCodes.Ok;
    }
}

/// <summary><c>config diff</c>.</summary>
internal sealed class ConfigDiffCommand : AppCommand
{
    private readonly Argument<string[]> _what = new("FILE|VERSION")
    {
        Description = $"A file against what is published; or one version against it, or two against each other [default: {ConfigSource.DefaultFile}]",
        Arity = new ArgumentArity(0, 2),
    };

    private readonly Option<string?> _environment = ConfigVerbs.EnvironmentOption();

    public ConfigDiffCommand()
        : base("diff", "Shows what would change, or what has. Exit code 1 where something differs.")
    {
        Add(_what);
        Add(_environment);
        Examples = ["config diff", "config diff essaim.queues.yaml --environment prod", "config diff 1764140000.123456", "config diff 1764140000.123456 1764150000.654321"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        string[] what = context.GetValue(_what) ?? [];
        ConfigSnapshot? current = await backend.Configuration.ReadAsync(cancellationToken);
        IReadOnlyList<ConfigSnapshot> history = what.Length > 0 ? await backend.Configuration.GetHistoryAsync(cancellationToken) : [];
        ConfigDocument? Find(string version) => history.FirstOrDefault(one => one.Version == version)?.Document;
        (ConfigDocument before, ConfigDocument after) = what switch
        {
            [{ } first, { } second] => (Find(first) ?? throw Unknown(first, history), Find(second) ?? throw Unknown(second, history)),
            [{ } one] when Find(one) is { } old => (old, (current ?? throw ConfigVerbs.NothingPublished(context)).Document),
            _ => FromSource(context, what.FirstOrDefault(), current),
        };
        IReadOnlyList<ConfigChange> changes = ConfigDiff.Between(before, after);
        if (context.Output.IsJson)
            context.Output.Json(ConfigVerbs.ToJson(changes));
        else if (changes.Count == 0)
            context.Output.Say("Nothing differs.");
        else
            ConfigVerbs.WriteChanges(context, changes);
        return changes.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private (ConfigDocument, ConfigDocument) FromSource(CommandContext context, string? file, ConfigSnapshot? current) =>
        (current?.Document ?? ConfigDocument.Empty, ConfigPublisher.Fill(ConfigVerbs.Load(context, file, context.GetValue(_environment)), current?.Document));

    private static ConfigException Unknown(string version, IReadOnlyList<ConfigSnapshot> history) =>
        new("ESS1305", $"There is no version '{version}' among the last {history.Count} that are kept. 'config history' lists them.");
}
