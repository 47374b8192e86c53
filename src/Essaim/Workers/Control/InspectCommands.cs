using System.Globalization;
using Essaim.Protocol;

namespace Essaim;

/// <summary>What a worker is and knows: <c>ping</c>, <c>stats</c>, <c>registered</c>, <c>conf</c>, <c>report</c>.</summary>
internal sealed class InspectCommands(ControlledWorker worker)
{
    private static readonly string[] DefaultItems = ["exchange", "routing_key", "rate_limit"];

    public void AddTo(ControlCommands commands)
    {
        commands.Add(_ => ControlCommands.Ok("pong"), "ping");
        commands.Add(_ => WorkerStats.Of(worker), "stats");
        commands.Add(Registered, "registered", "dump_tasks");
        commands.Add(arguments => RawJson.From(WorkerConfiguration.Of(worker, arguments.GetFlag("with_defaults"))), "conf", "dump_conf");
        commands.Add(_ => ControlCommands.Ok(WorkerConfiguration.Report(worker)), "report");
    }

    private RawJson? Registered(ControlArguments arguments)
    {
        IReadOnlyList<string> items = arguments.GetTexts("taskinfoitems") is { Count: > 0 } given ? given : DefaultItems;
        bool builtIns = arguments.GetFlag("builtins");
        return RawJson.From(worker.Registry.Definitions
            .Where(task => builtIns || !task.Name.StartsWith("celery.", StringComparison.Ordinal))
            .OrderBy(task => task.Name, StringComparer.Ordinal)
            .Select(task => Describe(task, items))
            .ToArray());
    }

    private string Describe(TaskDefinition task, IReadOnlyList<string> items)
    {
        string facts = string.Join(' ', items.Select(item => (item, value: Fact(task, item))).Where(fact => fact.value is not null)
            .Select(fact => $"{fact.item}={fact.value}"));
        return facts.Length > 0 ? $"{task.Name} [{facts}]" : task.Name;
    }

    // As text, as Python's str() gives it; null where a Celery task would have no such attribute, or None.
    private string? Fact(TaskDefinition task, string item) => item switch
    {
        "name" => task.Name,
        "rate_limit" => worker.Limits.RateOf(task),
        "max_retries" => task.Options.RetryPolicy?.MaxRetries.ToString(CultureInfo.InvariantCulture),
        "soft_time_limit" => Seconds(worker.Limits.TimesOf(task).Soft),
        "time_limit" => Seconds(worker.Limits.TimesOf(task).Hard),
        "ignore_result" => task.Options.IgnoreResult ? "True" : "False",
        "track_started" => task.Options.TrackStarted ? "True" : "False",
        "acks_late" => "True",
        "queue" => task.Options.Queue,
        "priority" => task.Options.Priority?.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string? Seconds(TimeSpan? time) => time?.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}
