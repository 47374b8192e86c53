using System.CommandLine;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>Every limit of a run as an option.</summary>
internal sealed class RunLimitOptions
{
    private readonly Option<TimeSpan?> _time = DurationText.Option("--time-limit", "From start to SIGTERM [default: 1h]");
    private readonly Option<TimeSpan?> _grace = DurationText.Option("--grace", "From SIGTERM to SIGKILL [default: 10s]");
    private readonly Option<long?> _memory = SizeText.Option("--memory", "Memory of all its processes, /tmp included; at least 128M [default: 512M]");
    private readonly Option<double?> _cpus = new("--cpus") { HelpName = "N", Description = "Processors [default: 1]" };
    private readonly Option<int?> _processes = new("--pids") { HelpName = "N", Description = "Processes and threads [default: 64]" };
    private readonly Option<int?> _openFiles = new("--open-files") { HelpName = "N", Description = "Open files of one process [default: 1024]" };
    private readonly Option<long?> _scratch = SizeText.Option("--scratch", "Size of /tmp [default: 64M]");
    private readonly Option<long?> _output = SizeText.Option("--output-limit", "Size of what it leaves in its output folder [default: 256M]");
    private readonly Option<int?> _outputFiles = new("--output-files") { HelpName = "N", Description = "Files and folders there [default: 10000]" };
    private readonly Option<long?> _log = SizeText.Option("--log-limit", "What is kept of its output; at 16 times as much it is ended [default: 4M]");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_time, _grace, _memory, _cpus, _processes, _openFiles, _scratch, _output, _outputFiles, _log])
            command.Add(option);
    }

    public RunLimits Read(CommandContext context) => ReadGiven(context).ToLimits();

    /// <summary>Those that were given.</summary>
    public FunctionLimits ReadGiven(CommandContext context) => new()
    {
        Time = context.GetValue(_time)?.TotalSeconds,
        Grace = context.GetValue(_grace)?.TotalSeconds,
        Memory = context.GetValue(_memory),
        Cpus = context.GetValue(_cpus),
        Pids = context.GetValue(_processes),
        OpenFiles = context.GetValue(_openFiles),
        Scratch = context.GetValue(_scratch),
        Output = context.GetValue(_output),
        OutputFiles = context.GetValue(_outputFiles),
        Log = context.GetValue(_log),
    };
}
