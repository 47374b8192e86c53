using System.CommandLine;

namespace Essaim;

/// <summary><c>control rate-limit</c>.</summary>
internal sealed class RateLimitVerb : ControlVerb
{
    private readonly Argument<string> _task = new("TASK") { Description = "Name of the task" };
    private readonly Argument<string> _rate = new("RATE") { Description = "Such as 10/s, 100/m, 5/h; 0 takes the limit away" };

    public RateLimitVerb()
        : base("rate-limit", "Sets how often each worker may start a task.")
    {
        Add(_task);
        Add(_rate);
        Examples = ["control rate-limit mail.send 100/m", "control rate-limit mail.send 0"];
    }

    protected override Dictionary<string, object?> ArgumentsOf(CommandContext context)
    {
        string rate = context.GetValue(_rate)!;
        // The text "0" would be a limit of its own; the number is "none".
        return new() { ["task_name"] = context.GetValue(_task), ["rate_limit"] = rate == "0" ? 0 : rate };
    }
}

/// <summary><c>control time-limit</c>.</summary>
internal sealed class TimeLimitVerb : ControlVerb
{
    private readonly Argument<string> _task = new("TASK") { Description = "Name of the task" };
    private readonly Option<TimeSpan?> _soft = DurationText.Option("--soft", "Ask tasks that run longer to stop");
    private readonly Option<TimeSpan?> _hard = DurationText.Option("--hard", "End tasks that run longer");

    public TimeLimitVerb()
        : base("time-limit", "Sets how long a task may run; without --soft and --hard as long as it likes.")
    {
        Add(_task);
        Add(_soft);
        Add(_hard);
        Examples = ["control time-limit reports.build --soft 5m --hard 6m", "control time-limit reports.build"];
    }

    protected override Dictionary<string, object?> ArgumentsOf(CommandContext context) => new()
    {
        ["task_name"] = context.GetValue(_task),
        ["soft"] = context.GetValue(_soft)?.TotalSeconds,
        ["hard"] = context.GetValue(_hard)?.TotalSeconds,
    };
}
