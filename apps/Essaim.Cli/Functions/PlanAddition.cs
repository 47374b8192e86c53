using System.CommandLine;
using System.CommandLine.Parsing;
using Essaim.Sandbox;
using Microsoft.Extensions.Logging;

namespace Essaim.Cli;

/// <summary><c>--function-plan</c>: the most functions may have. Tasks run in children, so they are told by an environment variable.</summary>
internal sealed class PlanAddition : IWorkerAddition
{
    private readonly Option<string?> _plan = new("--function-plan")
    {
        HelpName = "LIMIT=MOST,…",
        Description = $"The most functions may have, whoever sent them: memory=2G,time=8h,cpus=4 [default: {FunctionPlan.Variable}, else no bound]",
    };

    public PlanAddition() => _plan.Validators.Add(Check);

    public void AddTo(Command command) => command.Add(_plan);

    public IAsyncDisposable? Begin(CommandContext context, ILoggerFactory logging)
    {
        Environment.SetEnvironmentVariable(FunctionPlan.Variable, Read(context));
        return null;
    }

    /// <summary>As given, or by the variable; null without any.</summary>
    /// <exception cref="AppException"><c>ESS6053</c>: the variable says none.</exception>
    public string? Read(CommandContext context)
    {
        if (context.GetValue(_plan) is { } given)
            return given;
        if (Environment.GetEnvironmentVariable(FunctionPlan.Variable) is not { Length: > 0 } text)
            return null;
        return FunctionPlan.Read(text) is not null ? text : throw new AppException("ESS6053", $"{FunctionPlan.Variable} is '{text}'. {FunctionPlan.Advice}");
    }

    private static void Check(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }] && FunctionPlan.Read(text) is null)
            result.AddError($"'{text}' is no plan of limits. {FunctionPlan.Advice}");
    }
}
