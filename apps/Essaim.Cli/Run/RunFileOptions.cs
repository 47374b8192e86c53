using System.CommandLine;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>What goes to a run and comes back, as options: files, and answers of earlier runs.</summary>
internal sealed class RunFileOptions
{
    private readonly Option<string?> _out = new("--out") { HelpName = "DIR", Description = "Keep what it leaves in its output folder [default: it is thrown away]" };
    private readonly Option<string[]> _files = new("--file") { HelpName = "PATH", Description = "A file it may read, as /in/NAME; once for each", AllowMultipleArgumentsPerToken = false };
    private readonly Option<long?> _filesLimit = SizeText.Option("--files-limit", "On the fleet: size of all its files, and of all it leaves; they pass through the broker [default: 256M]");
    private readonly Option<bool> _cache = new("--cache") { Description = "On the fleet: an answer of the same file, inputs, files and limits will do, and this one's is kept" };
    private readonly Option<TimeSpan?> _cacheFor = DurationText.Option("--cache-for", "How long an answer is kept; means --cache [default: 1d]");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_out, _files, _filesLimit, _cache, _cacheFor])
            command.Add(option);
    }

    /// <summary>The folder for what it leaves; null where it is thrown away.</summary>
    public string? Out(CommandContext context) => context.GetValue(_out);

    /// <summary>The files it may read.</summary>
    /// <exception cref="AppException"><c>ESS4002</c>: one is not there.</exception>
    public IReadOnlyList<InputFile> Files(CommandContext context)
    {
        string[] files = context.GetValue(_files) ?? [];
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
            throw new AppException("ESS4002", $"There is no file {missing} (--file).");
        return [.. files.Select(file => new InputFile(Path.GetFileName(file), Path.GetFullPath(file)))];
    }

    public FleetRunOptions Read(CommandContext context, FunctionLimits limits) => new(
        limits, context.GetValue(_out), context.GetValue(_filesLimit), context.GetValue(_cache) || context.GetValue(_cacheFor) is not null, context.GetValue(_cacheFor));
}
