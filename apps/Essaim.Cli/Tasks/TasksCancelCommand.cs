using System.CommandLine;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary><c>tasks cancel</c>.</summary>
internal sealed class TasksCancelCommand : AppCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "Id of the task" };
    private readonly Option<string> _data = DataOption.Create();
    private readonly Option<bool> _terminate = new("--terminate") { Description = "End it even if it runs" };

    public TasksCancelCommand()
        : base("cancel", "Cancels a task: one that waits is revoked; one that runs goes on unless terminated.", usesBroker: false)
    {
        Add(_id);
        Add(_data);
        Add(_terminate);
        Examples = ["tasks cancel 3f2c…", "tasks cancel 3f2c… --terminate"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        string path = $"v1/tasks/{Uri.EscapeDataString(context.GetValue(_id)!)}?terminate={(context.GetValue(_terminate) ? "true" : "false")}";
        JsonElement receipt = await core.SendAsync(HttpMethod.Delete, path, cancellationToken);
        if (context.Output.IsJson)
            context.Output.Json(receipt);
        else
            context.Output.Data($"{TaskText.Of(receipt, "id")} is {TaskText.Of(receipt, "state")}");
        return ExitCodes.Ok;
    }
}
