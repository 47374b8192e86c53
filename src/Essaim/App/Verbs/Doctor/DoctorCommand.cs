namespace Essaim;

/// <summary><c>doctor</c>: looks at everything Essaim stands on and says what to do about each.</summary>
internal sealed class DoctorCommand : AppCommand
{
    private readonly IReadOnlyList<IDoctorPart> _parts;

    public DoctorCommand(IReadOnlyList<IDoctorPart> parts)
        : base("doctor", "Checks runtime, broker, sandbox tools, clock, disk and limits, and says what to do.")
    {
        _parts = parts;
        foreach (IDoctorPart part in parts)
            part.AddTo(this);
        Examples = ["doctor", "doctor --broker redis://localhost:6379/0", "doctor --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        List<DoctorFinding> findings =
        [
            MachineChecks.Runtime(),
            MachineChecks.Sdk(),
            MachineChecks.Machine(),
            await BrokerCheck.RunAsync(context, cancellationToken),
            .. ToolChecks.Run(),
            MachineChecks.Clock(),
            MachineChecks.Disk(BrokerCheck.FolderOf(context.BrokerUrl)),
            MachineChecks.Inotify(),
        ];
        foreach (IDoctorPart part in _parts)
        {
            await foreach (DoctorFinding finding in part.LookAsync(context, cancellationToken))
                findings.Add(finding);
        }

        DoctorTable.Write(context.Output, findings);
        return findings.Any(finding => finding.Status == DoctorStatus.Fail) ? ExitCodes.Failed : ExitCodes.Ok;
    }
}
