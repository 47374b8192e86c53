using System.CommandLine;
using Essaim.Server;

namespace Essaim.Cli;

/// <summary>What the core does with functions that are pushed, as options of <c>up</c>.</summary>
internal sealed class FunctionSettings
{
    private readonly Option<string> _imports = new("--function-imports")
    {
        HelpName = "warn|refuse",
        Description = "What becomes of pushed functions that import what is missing or not allowed, or in which Bandit finds something grave",
        DefaultValueFactory = _ => "warn",
    };

    private readonly Option<string?> _allow = new("--function-allow")
    {
        HelpName = "A,B",
        Description = "Packages functions may import, beside Python's own [default: all]",
    };

    public void AddTo(Command command)
    {
        _imports.AcceptOnlyFromAmong("warn", "refuse");
        command.Add(_imports);
        command.Add(_allow);
    }

    public FunctionOptions Read(CommandContext context, string? plan) => new()
    {
        Plan = plan,
        RefuseFindings = context.GetValue(_imports) == "refuse",
        AllowedImports = context.GetValue(_allow)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
    };
}
