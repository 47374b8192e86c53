using System.CommandLine;

namespace Essaim;

/// <summary>The arguments and options of <c>send</c> and <c>call</c>.</summary>
internal sealed class SendOptions
{
    private readonly Argument<string> _name = new("NAME") { Description = "Name of the task" };

    private readonly Argument<string[]> _words = new("ARGS")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Arguments: JSON where it reads as JSON, else text; name=value gives a keyword argument",
    };

    private readonly Option<string?> _queue = new("--queue", "-q") { HelpName = "NAME", Description = "Queue [default: the task's own]" };
    private readonly Option<string[]> _require = new("--require") { HelpName = "NAME[=VALUE]", Description = "Label of the nodes that may run it; may be given again" };
    private readonly Option<int?> _priority = new("--priority") { HelpName = "0-9", Description = "0 (highest) to 9" };
    private readonly Option<TimeSpan?> _countdown = DurationText.Option("--countdown", "Start no sooner than this long from now");
    private readonly Option<DateTimeOffset?> _eta = TimeText.Option("--eta", "Start no sooner than this time");
    private readonly Option<TimeSpan?> _expires = DurationText.Option("--expires", "Drop it if it has not started in this time");
    private readonly Option<string?> _unique = new("--unique") { HelpName = "KEY", Description = "Refuse it while another with this key waits or runs" };
    private readonly Option<UniqueUntil?> _uniqueUntil = new("--unique-until") { HelpName = "done|started|elapsed", Description = "When the key is free again: when it has ended, when it begins, after --unique-for [default: done]" };
    private readonly Option<TimeSpan?> _uniqueFor = DurationText.Option("--unique-for", "How long the key is held at the longest [default: 24h]");
    private readonly Option<string?> _id = new("--id") { HelpName = "ID", Description = "Its id [default: a new UUID]" };
    private readonly Option<TimeSpan?> _timeLimit = DurationText.Option("--time-limit", "End it after this time");
    private readonly Option<TimeSpan?> _softTimeLimit = DurationText.Option("--soft-time-limit", "Ask it to stop after this time");
    private readonly Option<long?> _compressAbove = CompressionSetting.Option();
    private readonly Option<TimeSpan?> _timeout = DurationText.Option("--timeout", "Longest wait for the result [default: none]");

    public SendOptions(Command command)
    {
        _priority.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 0 or > 9)
                result.AddError("A priority is a number from 0 (highest) to 9.");
        });
        command.Add(_name);
        command.Add(_words);
        foreach (Option option in (Option[])[_queue, _require, _priority, _countdown, _eta, _expires, _unique, _uniqueUntil, _uniqueFor, _id, _timeLimit, _softTimeLimit, _compressAbove, _timeout])
            command.Add(option);
    }

    public TimeSpan? TimeoutOf(CommandContext context) => context.GetValue(_timeout);

    public async Task<TaskHandle> SendAsync(CommandContext context, CancellationToken cancellationToken)
    {
        context.RequireBroker();
        CompressionSetting.Use(context.GetValue(_compressAbove));
        TaskArguments arguments = TaskArguments.Parse(context.GetValue(_words) ?? []);
        EnqueueOptions options = new()
        {
            TaskId = context.GetValue(_id),
            Queue = context.GetValue(_queue),
            Requires = context.GetValue(_require) is { Length: > 0 } required ? required : null,
            Priority = context.GetValue(_priority),
            Countdown = context.GetValue(_countdown),
            Eta = context.GetValue(_eta),
            ExpiresIn = context.GetValue(_expires),
            UniqueKey = context.GetValue(_unique),
            UniqueUntil = context.GetValue(_uniqueUntil),
            UniqueFor = context.GetValue(_uniqueFor),
            HardTimeLimit = context.GetValue(_timeLimit),
            SoftTimeLimit = context.GetValue(_softTimeLimit),
        };
        TaskHandle handle = await context.Client.SendAsync(context.GetValue(_name)!, arguments.Args, arguments.Kwargs, options, cancellationToken);
        if (handle.WasDuplicate)
            context.Output.Say($"Not sent: task {handle.Id} with this key waits or runs already.");
        return handle;
    }
}
