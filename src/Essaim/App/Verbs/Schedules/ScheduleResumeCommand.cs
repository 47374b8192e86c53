using System.CommandLine;

namespace Essaim;

/// <summary><c>schedule resume</c>.</summary>
internal sealed class ScheduleResumeCommand : AppCommand
{
    private readonly Argument<string> _name = ScheduleCommand.NameArgument();

    public ScheduleResumeCommand()
        : base("resume", "Lets a paused schedule fire again, from now on.", hasFormat: false)
    {
        Add(_name);
        Examples = ["schedule resume nightly"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string name = context.GetValue(_name)!;
        ScheduleRegistrar registrar = await ScheduleCommand.OpenAsync(context, cancellationToken);
        if (!await registrar.ResumeAsync(name, cancellationToken))
            throw ScheduleCommand.Missing(context, name);
        ScheduleRecord? record = await registrar.FindAsync(name, cancellationToken);
        context.Output.Data($"{name} fires next at {TimeText.Show(record?.NextRun)}");
        return ExitCodes.Ok;
    }
}
