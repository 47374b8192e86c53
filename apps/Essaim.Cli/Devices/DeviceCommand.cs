using System.CommandLine;

namespace Essaim.Cli;

/// <summary><c>device</c>: the devices of a running core.</summary>
internal sealed class DeviceCommand : Command
{
    public DeviceCommand()
        : base("device", "Registers, lists and revokes the devices of a running core.")
    {
        Add(new DeviceAddCommand());
        Add(new DeviceListCommand());
        Add(new DeviceRevokeCommand());
    }

    public static Argument<string> IdArgument() => new("ID") { Description = "The device: 1 to 32 of a-z, 0-9 and -" };
}
