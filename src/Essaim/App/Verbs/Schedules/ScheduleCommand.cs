using System.CommandLine;

namespace Essaim;

/// <summary><c>schedule</c>: the schedules beat fires.</summary>
internal sealed class ScheduleCommand : Command
{
    public ScheduleCommand()
        : base("schedule", "Lists and changes schedules; beat ('up', 'worker --beat') fires them.")
    {
        Add(new ScheduleListCommand());
        Add(new ScheduleAddCommand());
        Add(new ScheduleRemoveCommand());
        Add(new SchedulePauseCommand());
        Add(new ScheduleResumeCommand());
        Add(new ScheduleNextCommand());
    }

    public static Argument<string> NameArgument() => new("NAME") { Description = "Name of the schedule" };

    public static AppException Missing(CommandContext context, string name) => new(
        "ESS4008", $"There is no schedule '{name}'. '{context.Definition.Name} schedule list' shows them.", ExitCodes.NotFound);

    public static async ValueTask<ScheduleRegistrar> OpenAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        return new ScheduleRegistrar(backend.Schedules, backend.Clock);
    }
}
