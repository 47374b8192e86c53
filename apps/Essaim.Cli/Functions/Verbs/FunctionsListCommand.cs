using System.CommandLine;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary><c>functions list</c>.</summary>
internal sealed class FunctionsListCommand : AppCommand
{
    private static readonly string[] s_headers = ["NAME", "LATEST", "VERSIONS", "ENVIRONMENT", "PUSHED", "DESCRIPTION"];
    private readonly Option<string> _data = DataOption.Create();

    public FunctionsListCommand()
        : base("list", "Lists functions with their latest versions.", usesBroker: false)
    {
        Add(_data);
        Examples = ["functions list", "functions list --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        JsonElement functions = (await core.SendAsync(HttpMethod.Get, "v1/functions", cancellationToken)).GetProperty("functions");
        if (context.Output.IsJson)
            context.Output.Json(functions);
        else
            context.Output.Table(s_headers, [.. functions.EnumerateArray().Select(Row)]);
        return ExitCodes.Ok;
    }

    private static string[] Row(JsonElement function)
    {
        JsonElement latest = function.GetProperty("latest");
        return
        [
            TaskText.Of(function, "name"), TaskText.Of(latest, "version"), TaskText.Of(function, "versions"), TaskText.Of(latest, "environment"),
            TaskText.TimeOf(latest, "created_at"), Cut(TaskText.Of(function, "description")),
        ];
    }

    private static string Cut(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
