using System.Text.Json;

namespace Essaim;

/// <summary><c>schedule list</c>.</summary>
internal sealed class ScheduleListCommand : AppCommand
{
    private static readonly string[] Headers = ["NAME", "STATE", "WHEN", "TASK", "NEXT", "LAST"];

    public ScheduleListCommand()
        : base("list", "Lists all schedules.") => Examples = ["schedule list", "schedule list --format json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        IReadOnlyList<ScheduleRecord> schedules = [.. (await backend.Schedules.ListAsync(cancellationToken)).OrderBy(record => record.Name, StringComparer.Ordinal)];
        if (context.Output.IsJson)
            context.Output.Json(schedules.Select(Describe));
        else
            context.Output.Table(Headers, [.. schedules.Select(Row)]);
        return ExitCodes.Ok;
    }

    private static object Describe(ScheduleRecord record) => new
    {
        name = record.Name,
        enabled = record.Enabled,
        definition = record.Definition.Deserialize<JsonElement>(),
        next_run = record.NextRun,
        last_run = record.LastRun,
        last_task_id = record.LastTaskId,
    };

    private static IReadOnlyList<string> Row(ScheduleRecord record)
    {
        string state = record.Enabled ? "on" : "paused";
        try
        {
            ScheduleDefinition definition = ScheduleJson.Read(record.Name, record.Definition);
            return [record.Name, state, $"{definition.Recurrence}", definition.Task, TimeText.Show(record.Enabled ? record.NextRun : null), TimeText.Show(record.LastRun)];
        }
        catch (ScheduleException)
        {
            return [record.Name, "damaged", "-", "-", "-", TimeText.Show(record.LastRun)];
        }
    }
}
