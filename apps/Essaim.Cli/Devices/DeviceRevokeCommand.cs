using System.CommandLine;

namespace Essaim.Cli;

/// <summary><c>device revoke</c>: ends a device's rights.</summary>
internal sealed class DeviceRevokeCommand : AppCommand
{
    private readonly Argument<string> _id = DeviceCommand.IdArgument();
    private readonly Option<string> _data = DataOption.Create();

    public DeviceRevokeCommand()
        : base("revoke", "Ends a device's rights; its votes stay.", usesBroker: false, hasFormat: false)
    {
        Add(_id);
        Add(_data);
        Examples = ["device revoke slot-01"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        string id = context.GetValue(_id)!;
        await core.SendAsync(HttpMethod.Delete, $"v1/devices/{Uri.EscapeDataString(id)}", cancellationToken);
        context.Output.Say($"{id} is revoked. Its connection ends once the broker has read its password file anew.");
        return ExitCodes.Ok;
    }
}
