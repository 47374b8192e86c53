using System.CommandLine;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary><c>functions versions</c>.</summary>
internal sealed class FunctionsVersionsCommand : AppCommand
{
    private static readonly string[] s_headers = ["VERSION", "", "ENVIRONMENT", "PUSHED", "BY", "SIZE", "FINDINGS"];
    private readonly Argument<string> _name = new("NAME") { Description = "The function" };
    private readonly Option<string> _data = DataOption.Create();

    public FunctionsVersionsCommand()
        : base("versions", "Lists the versions of a function, the latest first.", usesBroker: false)
    {
        Add(_name);
        Add(_data);
        Examples = ["functions versions beam"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string name = FunctionReference.Parse(context.GetValue(_name)!).Name;
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        JsonElement versions = (await core.SendAsync(HttpMethod.Get, $"v1/functions/{name}/versions", cancellationToken)).GetProperty("versions");
        if (context.Output.IsJson)
            context.Output.Json(versions);
        else
            context.Output.Table(s_headers, [.. versions.EnumerateArray().Select(Row)]);
        return ExitCodes.Ok;
    }

    private static string[] Row(JsonElement version) =>
    [
        TaskText.Of(version, "version"), version.GetProperty("latest").GetBoolean() ? "latest" : "", TaskText.Of(version, "environment"), TaskText.TimeOf(version, "created_at"),
        TaskText.Of(version, "author"), TaskText.Of(version, "size"), version.GetProperty("findings").GetArrayLength().ToString(System.Globalization.CultureInfo.InvariantCulture),
    ];
}
