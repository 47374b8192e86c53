using System.CommandLine;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary><c>tasks show</c>: everything the core knows of one task.</summary>
internal sealed class TasksShowCommand : AppCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "Id of the task" };
    private readonly Option<string> _data = DataOption.Create();

    public TasksShowCommand()
        : base("show", "Shows everything the core knows of a task.", usesBroker: false)
    {
        Add(_id);
        Add(_data);
        Examples = ["tasks show 3f2c…"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        JsonElement task = await core.SendAsync(HttpMethod.Get, $"v1/tasks/{Uri.EscapeDataString(context.GetValue(_id)!)}", cancellationToken);
        if (context.Output.IsJson)
            context.Output.Json(task);
        foreach (JsonProperty field in context.Output.IsJson ? [] : task.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null))
            context.Output.Data($"{field.Name,-13}{field.Value}");
        return ExitCodes.Ok;
    }
}
