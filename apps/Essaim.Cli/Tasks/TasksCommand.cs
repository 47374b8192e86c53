using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary><c>tasks</c>: the core's history of tasks.</summary>
internal sealed class TasksCommand : AppCommand
{
    private static readonly string[] Headers = ["ID", "NAME", "STATE", "QUEUE", "SUBMITTED", "RUNTIME", "WORKER"];

    private readonly Option<string> _data = DataOption.Create();
    private readonly Option<string?> _state = new("--state") { HelpName = "A,B", Description = "Only these states, such as FAILURE,REVOKED" };
    private readonly Option<string?> _name = new("--name") { HelpName = "PATTERN", Description = "Only this task name; * and ? stand for others" };
    private readonly Option<string?> _queue = new("--queue", "-q") { HelpName = "NAME", Description = "Only this queue" };
    private readonly Option<string?> _worker = new("--worker") { HelpName = "NODE", Description = "Only what this worker ran" };
    private readonly Option<int> _limit = new("--limit") { HelpName = "N", Description = "How many", DefaultValueFactory = _ => 50 };

    public TasksCommand()
        : base("tasks", "Lists the tasks of a running core, newest first.", usesBroker: false)
    {
        Add(_data);
        foreach (Option option in (Option[])[_state, _name, _queue, _worker, _limit])
            Add(option);
        Add(new TasksShowCommand());
        Add(new TasksCancelCommand());
        Examples = ["tasks", "tasks --state FAILURE --name 'mail.*'", "tasks show 3f2c…", "tasks cancel 3f2c… --terminate"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        JsonElement page = await core.SendAsync(HttpMethod.Get, "v1/tasks?" + Query(context), cancellationToken);
        JsonElement tasks = page.GetProperty("tasks");
        if (context.Output.IsJson)
            context.Output.Json(tasks);
        else
            context.Output.Table(Headers, [.. tasks.EnumerateArray().Select(Row)]);
        return ExitCodes.Ok;
    }

    private string Query(CommandContext context)
    {
        (string Name, string? Value)[] filters =
        [
            ("state", context.GetValue(_state)), ("name", context.GetValue(_name)), ("queue", context.GetValue(_queue)),
            ("worker", context.GetValue(_worker)), ("limit", context.GetValue(_limit).ToString(CultureInfo.InvariantCulture)),
        ];
        return string.Join('&', filters.Where(filter => filter.Value is not null).Select(filter => $"{filter.Name}={Uri.EscapeDataString(filter.Value!)}"));
    }

    private static IReadOnlyList<string> Row(JsonElement task) =>
    [
        TaskText.Of(task, "id"), TaskText.Of(task, "name"), TaskText.Of(task, "state"), TaskText.Of(task, "queue"),
        TaskText.TimeOf(task, "submitted_at"), TaskText.SecondsOf(task, "runtime"), TaskText.Of(task, "worker"),
    ];
}
