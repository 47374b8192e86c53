using System.CommandLine;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary><c>device add</c>: registers a device and shows its password, once.</summary>
internal sealed class DeviceAddCommand : AppCommand
{
    private readonly Argument<string> _id = DeviceCommand.IdArgument();
    private readonly Option<string?> _label = new("--label") { HelpName = "TEXT", Description = "What people call it" };
    private readonly Option<string> _data = DataOption.Create();

    public DeviceAddCommand()
        : base("add", "Registers a device and shows its password, once.", usesBroker: false)
    {
        Add(_id);
        Add(_label);
        Add(_data);
        Examples = ["device add slot-01 --label 'North gate'"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        JsonElement device = await core.SendAsync(HttpMethod.Post, "v1/devices", new { id = context.GetValue(_id), label = context.GetValue(_label) }, cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(device);
            return ExitCodes.Ok;
        }

        // As the device's .env has it: what is not said again should be easy to keep.
        context.Output.Data($"SLOT_ID={device.GetProperty("id").GetString()}");
        context.Output.Data($"SLOT_PASSWORD={device.GetProperty("password").GetString()}");
        context.Output.Say("The password is not shown again. Put these lines, and CORE_HOST, into the device's .env.");
        return ExitCodes.Ok;
    }
}
