using System.CommandLine;
using System.CommandLine.Parsing;
using Essaim.Sandbox;
using Microsoft.Extensions.Logging;

namespace Essaim.Cli;

/// <summary><c>--warm</c>: how many sandboxes wait with their imports loaded. Tasks run in children, so they are told by an environment variable.</summary>
internal sealed class WarmAddition : IWorkerAddition
{
    private readonly Option<WarmPlan?> _warm = new("--warm")
    {
        HelpName = "auto|off|NAME=N,…",
        Description = $"Sandboxes that wait for functions with their imports loaded: python-sci=2,python=1 [default: {WarmPlan.Variable}, else auto: as they are used, none below 2 GiB of memory]",
        CustomParser = Parse,
    };

    public void AddTo(Command command) => command.Add(_warm);

    public IAsyncDisposable? Begin(CommandContext context, ILoggerFactory logging)
    {
        if (context.GetValue(_warm) is { } given)
            Environment.SetEnvironmentVariable(WarmPlan.Variable, given.ToString());
        else if (Environment.GetEnvironmentVariable(WarmPlan.Variable) is { Length: > 0 } text && WarmPlan.TryParse(text) is null)
            throw new AppException("ESS6051", $"{WarmPlan.Variable} is '{text}'. {WarmPlan.Advice}");
        WarmPlan plan = WarmPlan.FromEnvironment();
        return plan.Numbers is null || plan.IsOff ? null : new WarmKeeper(new SandboxOptions(), plan, TimeProvider.System, logging.CreateLogger("Essaim.Sandbox"));
    }

    private static WarmPlan? Parse(ArgumentResult result)
    {
        if (WarmPlan.TryParse(result.Tokens[0].Value) is { } plan)
            return plan;
        result.AddError($"'{result.Tokens[0].Value}' is not what can be kept warm. {WarmPlan.Advice}");
        return null;
    }
}
