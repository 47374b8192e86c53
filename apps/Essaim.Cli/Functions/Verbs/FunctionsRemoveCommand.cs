using System.CommandLine;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary><c>functions remove</c>: a function, or one version of it.</summary>
internal sealed class FunctionsRemoveCommand : AppCommand
{
    private readonly Argument<string> _reference = FunctionsCommand.ReferenceArgument();
    private readonly Option<bool> _force = new("--force") { Description = "Also where a run has not ended or a schedule calls it" };
    private readonly Option<string> _data = DataOption.Create();

    public FunctionsRemoveCommand()
        : base("remove", "Removes a function, or one version; what it ran stays in the history.", usesBroker: false)
    {
        Add(_reference);
        Add(_force);
        Add(_data);
        Examples = ["functions remove beam@1a2b", "functions remove beam --force"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string reference = context.GetValue(_reference)!;
        string address = FunctionsCommand.AddressOf(reference);
        if (!reference.Contains('@', StringComparison.Ordinal))
            address = $"v1/functions/{reference}";
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        JsonElement removed = await core.SendAsync(HttpMethod.Delete, $"{address}?force={(context.GetValue(_force) ? "true" : "false")}", cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(removed);
            return ExitCodes.Ok;
        }

        foreach (JsonElement version in removed.GetProperty("removed").EnumerateArray())
            context.Output.Data($"{TaskText.Of(removed, "name")}@{version.GetString()}");
        return ExitCodes.Ok;
    }
}
