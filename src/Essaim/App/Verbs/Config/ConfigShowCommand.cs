using System.Globalization;

namespace Essaim;

/// <summary><c>config show</c>.</summary>
internal sealed class ConfigShowCommand : AppCommand
{
    private static readonly string[] QueueHeaders = ["QUEUE", "CLASS", "PRIORITY", "LIMITS", "TIME LIMIT"];
    private static readonly string[] RouteHeaders = ["TASKS", "QUEUE"];
    private static readonly string[] SettingHeaders = ["SETTING", "VALUE"];

    public ConfigShowCommand()
        : base("show", "Shows what is published.") => Examples = ["config show", "config show --format json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        ConfigSnapshot published = await ConfigVerbs.ReadAsync(context, cancellationToken);
        ConfigDocument document = published.Document;
        if (context.Output.IsJson)
        {
            context.Output.Json(new
            {
                version = published.Version,
                revision = document.Revision,
                hash = document.Hash,
                author = document.Author,
                host = document.Host,
                published_at = published.PublishedAt,
                queues = document.Queues,
                routes = document.Routes,
                @base = document.Base,
            });
            return ExitCodes.Ok;
        }

        context.Output.Say(ConfigVerbs.Describe(published));
        FleetConfiguration read = FleetConfiguration.Read(published);
        if (read.Queues.Count > 0)
            context.Output.Table(QueueHeaders, [.. read.Queues.Select(Row)]);
        if (document.Routes.Count > 0)
        {
            context.Output.Data("");
            context.Output.Table(RouteHeaders, [.. document.Routes.Keys.Order(StringComparer.Ordinal).Select(pattern => new[] { pattern, JsonCell.Of(JsonCell.Get(document.Routes[pattern].Deserialize<System.Text.Json.JsonElement>(), "queue")) })]);
        }

        if (document.Base.Count > 0)
        {
            context.Output.Data("");
            context.Output.Table(SettingHeaders, [.. document.Base.OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => new[] { setting.Key, setting.Value.ToString() })]);
        }

        return ExitCodes.Ok;
    }

    private static IReadOnlyList<string> Row(QueueDefinition queue) =>
    [
        queue.Name,
        Word(queue.Class),
        Word(queue.Priority),
        string.Join(", ", Limits(queue)) is { Length: > 0 } limits ? limits : "-",
        queue.HardTimeLimit is { } hard ? DurationText.Show(hard) : "-",
    ];

    private static IEnumerable<string> Limits(QueueDefinition queue)
    {
        if (queue.Fifo)
            yield return "fifo";
        if (queue.Concurrency is { } all)
            yield return string.Create(CultureInfo.InvariantCulture, $"{all} at once");
        if (queue.WorkerConcurrency is { } one)
            yield return string.Create(CultureInfo.InvariantCulture, $"{one} a worker");
        if (queue.Rate is { } rate)
            yield return queue.RateKey is { } key ? $"{rate} by {key}" : rate;
        if (queue.Requires.Count > 0)
            yield return $"on {string.Join(' ', queue.Requires)}";
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
