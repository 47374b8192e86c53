using System.CommandLine;

namespace Essaim;

/// <summary><c>schedule remove</c>.</summary>
internal sealed class ScheduleRemoveCommand : AppCommand
{
    private readonly Argument<string> _name = ScheduleCommand.NameArgument();

    public ScheduleRemoveCommand()
        : base("remove", "Removes a schedule.", hasFormat: false)
    {
        Add(_name);
        Examples = ["schedule remove nightly"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string name = context.GetValue(_name)!;
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        if (!await backend.Schedules.RemoveAsync(name, cancellationToken))
            throw ScheduleCommand.Missing(context, name);
        context.Output.Data($"{name} removed");
        return ExitCodes.Ok;
    }
}
