using System.CommandLine;

namespace Essaim.Cli;

/// <summary><c>mqtt</c>: the broker of devices.</summary>
internal sealed class MqttCommand : Command
{
    public MqttCommand()
        : base("mqtt", "Looks at the MQTT broker of devices.") => Add(new MqttCheckCommand());
}
