using System.CommandLine;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary><c>device list</c>: devices and whether they are there.</summary>
internal sealed class DeviceListCommand : AppCommand
{
    private static readonly string[] s_headers = ["ID", "LABEL", "STATUS", "HEARD", "OPEN", "FIRMWARE", "CONFIG"];
    private readonly Option<string> _data = DataOption.Create();

    public DeviceListCommand()
        : base("list", "Lists devices and whether they are there.", usesBroker: false)
    {
        Add(_data);
        Examples = ["device list", "device list --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        JsonElement answer = await core.SendAsync(HttpMethod.Get, "v1/devices", cancellationToken);
        JsonElement devices = answer.GetProperty("devices");
        if (context.Output.IsJson)
            context.Output.Json(devices);
        else
            context.Output.Table(s_headers, [.. devices.EnumerateArray().Select(Row)]);
        if (!answer.GetProperty("linked").GetBoolean())
            context.Output.Say($"Nobody is heard: {Text(answer, "link_error", "the core has no broker of devices; start it with 'up --mqtt HOST'.")}");
        return ExitCodes.Ok;
    }

    private static string[] Row(JsonElement device) =>
    [
        Text(device, "id", ""), Text(device, "label", "-"), Text(device, "status", "") + (device.GetProperty("reason").ValueKind == JsonValueKind.Null ? "" : $" ({Text(device, "reason", "")})"),
        Text(device, "heard_at", "-"), Text(device, "open", "0"), Text(device, "firmware", "-"),
        $"{Text(device, "config_version", "0")}{(device.GetProperty("reported_status").ValueKind == JsonValueKind.Null ? "" : $" ({Text(device, "reported_version", "")} {Text(device, "reported_status", "")})")}",
    ];

    private static string Text(JsonElement of, string name, string otherwise) =>
        of.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : otherwise;
}
