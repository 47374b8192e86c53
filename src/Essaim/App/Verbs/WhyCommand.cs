using System.CommandLine;

namespace Essaim;

/// <summary><c>why</c>: says why a task is not running.</summary>
internal sealed class WhyCommand : AppCommand
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(1);
    private readonly Argument<string> _id = new("ID") { Description = "Id of the task" };
    private readonly Option<TimeSpan?> _timeout = DurationText.Option("--timeout", "How long to wait for workers' answers [default: 1s]");

    public WhyCommand()
        : base("why", "Says why a task is not running: what holds it, and until when.")
    {
        Add(_id);
        Add(_timeout);
        Examples = ["why 3f2c…", "why 3f2c… --format json", "why 3f2c… --broker redis://localhost:6379/0"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        context.RequireBroker();
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        TaskExplainer explainer = new(backend);
        TaskExplanation explanation = await explainer.ExplainAsync(context.GetValue(_id)!, context.GetValue(_timeout) ?? DefaultPatience, cancellationToken);
        if (explanation.IsUnknown)
            throw new AppException("ESS4004", explanation.Reasons[0].Text, ExitCodes.NotFound);
        if (context.Output.IsJson)
        {
            context.Output.Json(explanation);
            return ExitCodes.Ok;
        }

        foreach (WhyReason reason in explanation.Reasons)
            context.Output.Data(reason.Text);
        return ExitCodes.Ok;
    }
}
