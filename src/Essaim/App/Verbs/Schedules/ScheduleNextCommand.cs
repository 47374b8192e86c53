using System.CommandLine;
using System.Globalization;

namespace Essaim;

/// <summary><c>schedule next</c>: when a schedule, or a cron text, fires.</summary>
internal sealed class ScheduleNextCommand : AppCommand
{
    private readonly Argument<string?> _name = new("NAME") { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the schedule" };
    private readonly Option<string?> _cron = new("--cron") { HelpName = "TEXT", Description = "Try out a cron text instead" };
    private readonly Option<string> _zone = new("--timezone") { HelpName = "ZONE", Description = "Time zone for --cron", DefaultValueFactory = _ => "UTC" };
    private readonly Option<int> _count = new("--count") { HelpName = "N", Description = "How many", DefaultValueFactory = _ => 5 };

    public ScheduleNextCommand()
        : base("next", "Shows when a schedule fires next, or tries out a cron text.")
    {
        Add(_name);
        Add(_cron);
        Add(_zone);
        Add(_count);
        Examples = ["schedule next nightly", "schedule next --cron '0 3 * * mon-fri' --timezone Europe/Paris --count 10"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IReadOnlyList<DateTimeOffset> times = (context.GetValue(_name), context.GetValue(_cron)) switch
        {
            (null, { } cron) => Times(new ScheduleDefinition { Recurrence = Recurrence.Cron(cron, context.GetValue(_zone)!), Task = "" }, null, context),
            ({ } name, null) => await StoredTimesAsync(context, name, cancellationToken),
            _ => throw new AppException("ESS4010", "schedule next needs either the name of a schedule or --cron TEXT."),
        };
        if (context.Output.IsJson)
            context.Output.Json(times);
        foreach (DateTimeOffset time in context.Output.IsJson ? [] : times)
            context.Output.Data(time.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture));
        return ExitCodes.Ok;
    }

    private async Task<IReadOnlyList<DateTimeOffset>> StoredTimesAsync(CommandContext context, string name, CancellationToken cancellationToken)
    {
        ScheduleRegistrar registrar = await ScheduleCommand.OpenAsync(context, cancellationToken);
        ScheduleRecord record = await registrar.FindAsync(name, cancellationToken) ?? throw ScheduleCommand.Missing(context, name);
        if (!record.Enabled)
            context.Output.Say($"{name} is paused; it would fire at these times.");
        return Times(ScheduleJson.Read(name, record.Definition), record.NextRun, context);
    }

    private List<DateTimeOffset> Times(ScheduleDefinition definition, DateTimeOffset? next, CommandContext context)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        TimeZoneInfo zone = definition.Recurrence is CronRecurrence cron ? TimeZoneInfo.FindSystemTimeZoneById(cron.TimeZone) : TimeZoneInfo.Utc;
        DateTimeOffset phase = next ?? now;
        List<DateTimeOffset> times = [];
        for (DateTimeOffset? at = next > now ? next : definition.Next(now, phase); at is { } time && times.Count < context.GetValue(_count); at = definition.Next(time, phase))
            times.Add(TimeZoneInfo.ConvertTime(time, zone));
        return times;
    }
}
