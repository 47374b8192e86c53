using System.CommandLine;
using Essaim.Protocol;

namespace Essaim;

/// <summary><c>schedule add</c>.</summary>
internal sealed class ScheduleAddCommand : AppCommand
{
    private readonly Argument<string> _name = ScheduleCommand.NameArgument();
    private readonly Argument<string> _task = new("TASK") { Description = "Name of the task" };
    private readonly Argument<string[]> _words = new("ARGS") { Arity = ArgumentArity.ZeroOrMore, Description = "Its arguments, as in send" };
    private readonly Option<string?> _cron = new("--cron") { HelpName = "TEXT", Description = "Five cron fields, or @hourly, @daily, @weekly, @monthly, @yearly" };
    private readonly Option<string> _zone = new("--timezone") { HelpName = "ZONE", Description = "Time zone of the cron fields", DefaultValueFactory = _ => "UTC" };
    private readonly Option<TimeSpan?> _every = DurationText.Option("--every", "Fire every so often");
    private readonly Option<DateTimeOffset?> _start = TimeText.Option("--starts-at", "Not before this time");
    private readonly Option<string?> _queue = new("--queue", "-q") { HelpName = "NAME", Description = "Queue [default: the task's own]" };
    private readonly Option<int?> _priority = new("--priority") { HelpName = "0-9", Description = "0 (highest) to 9" };
    private readonly Option<TimeSpan?> _expires = DurationText.Option("--expires", "Drop a task that has not started this long after its firing");
    private readonly Option<CatchUpPolicy> _catchUp = new("--catch-up") { HelpName = "none|last|all", Description = "What of missed firings is made up for [default: none]" };
    private readonly Option<OverlapPolicy> _overlap = new("--overlap") { HelpName = "allow|skip", Description = "While the task before has not ended [default: allow]" };

    public ScheduleAddCommand()
        : base("add", "Adds a schedule, or changes the one of this name.")
    {
        Add(_name);
        Add(_task);
        Add(_words);
        foreach (Option option in (Option[])[_cron, _zone, _every, _start, _queue, _priority, _expires, _catchUp, _overlap])
            Add(option);
        Examples =
        [
            "schedule add nightly reports.build full=true --cron '0 3 * * *' --timezone Europe/Paris",
            "schedule add tick demo.add 1 2 --every 30s --overlap skip",
        ];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string name = context.GetValue(_name)!;
        TaskArguments arguments = TaskArguments.Parse(context.GetValue(_words) ?? []);
        ScheduleDefinition definition = new()
        {
            Recurrence = ReadRecurrence(context),
            Task = context.GetValue(_task)!,
            Args = RawJson.From(arguments.Args),
            Kwargs = RawJson.From(arguments.Kwargs),
            Queue = context.GetValue(_queue),
            Priority = context.GetValue(_priority),
            Expires = context.GetValue(_expires),
            StartsAt = context.GetValue(_start),
            CatchUp = context.GetValue(_catchUp),
            Overlap = context.GetValue(_overlap),
        };
        ScheduleRegistrar registrar = await ScheduleCommand.OpenAsync(context, cancellationToken);
        ScheduleRecord record = await registrar.AddAsync(name, definition, cancellationToken);
        if (context.Output.IsJson)
            context.Output.Json(new { name, next_run = record.NextRun });
        else
            context.Output.Data($"{name} fires next at {TimeText.Show(record.NextRun)}");
        return ExitCodes.Ok;
    }

    private Recurrence ReadRecurrence(CommandContext context) => (context.GetValue(_cron), context.GetValue(_every)) switch
    {
        ({ } cron, null) => Recurrence.Cron(cron, context.GetValue(_zone)!),
        (null, { } every) => Recurrence.Every(every),
        _ => throw new AppException("ESS4009", "A schedule needs either --cron TEXT or --every DURATION."),
    };
}
