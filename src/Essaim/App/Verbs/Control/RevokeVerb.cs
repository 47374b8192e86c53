using System.CommandLine;

namespace Essaim;

/// <summary><c>control revoke</c>.</summary>
internal sealed class RevokeVerb : ControlVerb
{
    private readonly Argument<string[]> _ids = new("ID") { Arity = ArgumentArity.OneOrMore, Description = "Ids of tasks" };
    private readonly Option<bool> _terminate = new("--terminate") { Description = "End them where they run, too" };
    private readonly Option<string> _signal = new("--signal")
    {
        HelpName = "NAME",
        Description = "What --terminate sends to the process: SIGTERM, SIGKILL…",
        DefaultValueFactory = _ => "SIGTERM",
    };

    public RevokeVerb()
        : base("revoke", "Keeps workers from starting tasks; with --terminate ends those that run.")
    {
        Add(_ids);
        Add(_terminate);
        Add(_signal);
        Examples = ["control revoke 3f2c… 77ab…", "control revoke 3f2c… --terminate --signal SIGKILL"];
    }

    protected override Dictionary<string, object?> ArgumentsOf(CommandContext context)
    {
        string[] ids = context.GetValue(_ids)!;
        return new()
        {
            ["task_id"] = ids.Length == 1 ? ids[0] : ids,
            ["terminate"] = context.GetValue(_terminate),
            ["signal"] = context.GetValue(_signal),
        };
    }
}
