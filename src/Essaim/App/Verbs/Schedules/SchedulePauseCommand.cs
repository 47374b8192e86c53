using System.CommandLine;

namespace Essaim;

/// <summary><c>schedule pause</c>.</summary>
internal sealed class SchedulePauseCommand : AppCommand
{
    private readonly Argument<string> _name = ScheduleCommand.NameArgument();

    public SchedulePauseCommand()
        : base("pause", "Stops a schedule from firing until it is resumed.", hasFormat: false)
    {
        Add(_name);
        Examples = ["schedule pause nightly"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string name = context.GetValue(_name)!;
        ScheduleRegistrar registrar = await ScheduleCommand.OpenAsync(context, cancellationToken);
        if (!await registrar.PauseAsync(name, cancellationToken))
            throw ScheduleCommand.Missing(context, name);
        context.Output.Data($"{name} paused");
        return ExitCodes.Ok;
    }
}
