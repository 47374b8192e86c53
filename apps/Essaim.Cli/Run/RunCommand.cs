using System.CommandLine;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary><c>run</c>: a Python file in the sandbox, its output as it comes, its result and files at the end.</summary>
internal sealed class RunCommand : AppCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "Python file, or a zip with a main.py: with main(), its parameters are the inputs; without, it runs as a script" };
    private readonly Argument<string[]> _inputs = new("INPUTS") { Arity = ArgumentArity.ZeroOrMore, Description = "Its inputs, after FILE: --name value, --name=value or name=value; --name alone is true" };
    private readonly Option<bool> _local = new("--local") { Description = "Run on this machine, without a broker" };
    private readonly Option<string?> _out = new("--out") { HelpName = "DIR", Description = "Keep what it leaves in its output folder [default: it is thrown away]" };
    private readonly Option<string[]> _files = new("--file") { HelpName = "PATH", Description = "A file it may read, as /in/NAME; once for each", AllowMultipleArgumentsPerToken = false };
    private readonly Option<long?> _filesLimit = SizeText.Option("--files-limit", "On the fleet: size of all its files, and of all it leaves; they pass through the broker [default: 256M]");
    private readonly Option<bool> _cache = new("--cache") { Description = "On the fleet: an answer of the same file, inputs, files and limits will do, and this one's is kept" };
    private readonly Option<TimeSpan?> _cacheFor = DurationText.Option("--cache-for", "How long an answer is kept; means --cache [default: 1d]");
    private readonly Option<string> _executor = new("--executor") { HelpName = "NAME", Description = "How it is locked in", DefaultValueFactory = _ => "bubblewrap" };
    private readonly Option<string?> _folder = new("--sandbox-folder") { HelpName = "DIR", Description = "Where runs live [default: /var/lib/essaim/sandbox for root, else ~/.local/state/essaim/sandbox]" };
    private readonly Option<bool> _noChecks = new("--no-checks") { Description = "Do not look at its imports first" };
    private readonly Option<bool> _check = new("--check") { Description = "Only look at it, here: syntax, imports, inputs that are given; prints its inputs as JSON Schema" };
    private readonly Option<bool> _warm = new("--warm") { Description = "With --local: leave a sandbox waiting for 15 min, its imports loaded, so that the next run begins at once" };
    private readonly RunLimitOptions _limits = new();

    public RunCommand()
        : base("run", "Runs a Python file in the sandbox, on the fleet or here, and prints its result.")
    {
        Add(_file);
        Add(_inputs);
        Add(_local);
        Add(_out);
        Add(_files);
        Add(_filesLimit);
        Add(_cache);
        Add(_cacheFor);
        Add(_executor);
        _executor.AcceptOnlyFromAmong("bubblewrap");
        Add(_folder);
        Add(_noChecks);
        Add(_check);
        Add(_warm);
        _limits.AddTo(this);
        Examples =
        [
            "run beam.py --local --load 1200 --length 2.5",
            "run mesh.py --local --file mesh.inp --mesh mesh.inp --out results",
            "run mesh.py --file mesh.inp --mesh mesh.inp --out results --broker redis://localhost:6379/0",
            "run script.py --local --memory 2G --cpus 4 --time-limit 2h",
        ];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        RunRequest request = Read(context);
        request.Validate();
        if (!IsLocal(context))
            return await FleetRun.RunAsync(context, request, OptionsOfFleet(context), cancellationToken);
        BubblewrapExecutor executor = BubblewrapExecutor.Open(OptionsOf(context), TimeProvider.System);
        await ProveAsync(context, executor, cancellationToken);
        await new RunSweeper(executor).SweepAsync(cancellationToken);

        WarmExecutor warm = new(executor, context.GetValue(_warm) ? WarmPlan.Auto : WarmPlan.FromEnvironment()) { Refills = context.GetValue(_warm) };
        ISandboxRun run = await warm.StartAsync(request, cancellationToken);
        try
        {
            RunEnd end = await FollowAsync(context, run, cancellationToken);
            int kept = context.GetValue(_out) is { } folder ? RunFiles.Keep(end, folder) : 0;
            return new RunReport(context, request.SourceName).Write(end, kept, context.GetValue(_out));
        }
        finally
        {
            await run.RemoveAsync(CancellationToken.None);
        }
    }

    private static async Task<RunEnd> FollowAsync(CommandContext context, ISandboxRun run, CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration cancel = cancellationToken.Register(run.Cancel);
        await using CancellationTokenRegistration kill = context.StopNow.Register(run.Kill);
        using RunScreen screen = new(context.Output);
        await foreach (RunOutput output in run.WatchAsync(0, CancellationToken.None))
            screen.Show(output);
        return await run.WaitAsync(CancellationToken.None);
    }

    private bool IsLocal(CommandContext context) => context.GetValue(_local) || context.GetValue(_check);

    private FleetRunOptions OptionsOfFleet(CommandContext context) => new(
        context.GetValue(_out), context.GetValue(_filesLimit), context.GetValue(_cache) || context.GetValue(_cacheFor) is not null, context.GetValue(_cacheFor));

    private SandboxOptions OptionsOf(CommandContext context) =>
        context.GetValue(_folder) is { } folder ? new SandboxOptions { Folder = Path.GetFullPath(folder) } : new SandboxOptions();

    private static async Task ProveAsync(CommandContext context, BubblewrapExecutor executor, CancellationToken cancellationToken)
    {
        ExecutorProof proof = await executor.ProveAsync(cancellationToken);
        if (!proof.Holds)
            throw new SandboxException("ESS6001", string.Join(' ', proof.Missing));
        string[] soft = [.. proof.Soft.Where(limit => limit != "output")];
        if (soft.Length > 0)
            context.Output.Say($"{context.Definition.Name}: note: here the kernel does not hold {string.Join(" and ", soft)}. {proof.Advice}");
    }

    private RunRequest Read(CommandContext context)
    {
        if (!IsLocal(context) && context.GetValue(_warm))
            throw new AppException("ESS6051", "--warm is about this machine: add --local. A fleet's workers keep sandboxes warm by themselves (essaim worker --warm).");
        string path = context.GetValue(_file)!;
        if (!File.Exists(path))
            throw new AppException("ESS4002", $"There is no file {path}. FILE comes before the inputs: run FILE --local --name value.");
        if (new FileInfo(path).Length > RunRequest.MostArchiveBytes)
            throw new SandboxException("ESS6003", $"{path} has {new FileInfo(path).Length} bytes; a function has at most {RunRequest.MostBytes}, a zip {RunRequest.MostArchiveBytes}. Give data as files (--file).");
        string[] files = context.GetValue(_files) ?? [];
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
            throw new AppException("ESS4002", $"There is no file {missing} (--file).");
        return new RunRequest(Path.GetFileName(path), File.ReadAllBytes(path))
        {
            Texts = RunInputs.Parse(context.GetValue(_inputs) ?? []),
            Files = [.. files.Select(file => new InputFile(Path.GetFileName(file), Path.GetFullPath(file)))],
            Limits = _limits.Read(context),
            Checks = !context.GetValue(_noChecks),
            LookOnly = context.GetValue(_check),
        };
    }
}
