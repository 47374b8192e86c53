using System.CommandLine;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary><c>run</c>: a Python file in the sandbox, its output as it comes, its result and files at the end.</summary>
internal sealed class RunCommand : AppCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "Python file, or a zip with a main.py: with main(), its parameters are the inputs; without, it runs as a script" };
    private readonly Argument<string[]> _inputs = new("INPUTS") { Arity = ArgumentArity.ZeroOrMore, Description = "Its inputs, after FILE: --name value, --name=value or name=value; --name alone is true" };
    private readonly Option<bool> _local = new("--local") { Description = "Run on this machine, without a broker" };
    private readonly RunFileOptions _files = new();
    private readonly Option<string?> _environment = new("--environment") { HelpName = "NAME", Description = $"What it runs in: python, python-sci, or one of {EnvironmentCatalog.DefaultName} [default: python]" };
    private readonly Option<string?> _executor = new("--executor") { HelpName = "bubblewrap|container|process", Description = "With --local: how it is locked in; process not at all [default: as the environment says]" };
    private readonly Option<string?> _image = new("--image") { HelpName = "IMAGE", Description = "With --executor container: name@sha256:…, or the id of an image that is here" };
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
        _files.AddTo(this);
        Add(_environment);
        Add(_executor);
        _executor.AcceptOnlyFromAmong("bubblewrap", "container", "process");
        Add(_image);
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
            return await FleetRun.RunAsync(context, request, context.GetValue(_environment) ?? SandboxEnvironment.Usual, _files.Read(context, _limits.ReadGiven(context)), cancellationToken);
        SandboxEnvironment environment = EnvironmentOf(context);
        SandboxEnvironments environments = new([environment], OptionsOf(context), TimeProvider.System);
        IHeldExecutor executor = environments.Open(environment.Name);
        await ProveAsync(context, environments, environment, cancellationToken);
        await new RunSweeper(executor).SweepAsync(cancellationToken);

        bool warms = context.GetValue(_warm);
        ISandboxRun run = environments.WarmOf(environment.Name, warms ? WarmPlan.Auto : WarmPlan.FromEnvironment(), refills: warms) is { } warm
            ? await warm.StartAsync(request, cancellationToken)
            : await executor.StartAsync(request, cancellationToken);
        try
        {
            RunEnd end = await FollowAsync(context, run, cancellationToken);
            int kept = _files.Out(context) is { } folder ? RunFiles.Keep(end, folder) : 0;
            return new RunReport(context, request.SourceName).Write(end, kept, _files.Out(context));
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

    private SandboxOptions OptionsOf(CommandContext context) =>
        context.GetValue(_folder) is { } folder ? new SandboxOptions { Folder = Path.GetFullPath(folder) } : new SandboxOptions();

    private SandboxEnvironment EnvironmentOf(CommandContext context)
    {
        (string? name, string? executor, string? image) = (context.GetValue(_environment), context.GetValue(_executor), context.GetValue(_image));
        if (executor is null && image is null)
            return new SandboxEnvironments(EnvironmentCatalog.Load(), OptionsOf(context), TimeProvider.System).Get(name ?? SandboxEnvironment.Usual);
        if (name is not null)
            throw new AppException("ESS6036", "An environment says itself how it is locked in. Give --environment, or --executor with its --image.");
        if (executor == "container" != image is not null)
            throw new AppException("ESS6036", "A container needs an image, and only a container has one: --executor container --image NAME@sha256:…");
        return executor switch
        {
            "container" => new SandboxEnvironment("image", ExecutorKind.Container) { Image = image },
            "process" => new SandboxEnvironment("process", ExecutorKind.Process),
            _ => SandboxEnvironment.BuiltIn[0],
        };
    }

    private static async Task ProveAsync(CommandContext context, SandboxEnvironments environments, SandboxEnvironment environment, CancellationToken cancellationToken)
    {
        ExecutorProof proof = await environments.ProveAsync(environment.Name, cancellationToken);
        if (!proof.Holds)
            throw new SandboxException("ESS6001", string.Join(' ', proof.Missing));
        string[] soft = [.. proof.Soft.Where(limit => limit != "output")];
        if (environment.Kind == ExecutorKind.Process)
            context.Output.Say($"{context.Definition.Name}: note: {ProcessExecutor.Warning}");
        else if (soft.Length > 0)
            context.Output.Say($"{context.Definition.Name}: note: here the kernel does not hold {string.Join(" and ", soft)}. {proof.Advice}");
    }

    private RunRequest Read(CommandContext context)
    {
        if (!IsLocal(context) && context.GetValue(_warm))
            throw new AppException("ESS6051", "--warm is about this machine: add --local. A fleet's workers keep sandboxes warm by themselves (essaim worker --warm).");
        if (!IsLocal(context) && (context.GetValue(_executor) ?? context.GetValue(_image)) is not null)
            throw new AppException("ESS6036", "How it is locked in is the fleet's to say (--executor, --image). Name an environment (--environment), or run it here (--local).");
        string path = context.GetValue(_file)!;
        if (!File.Exists(path))
            throw new AppException("ESS4002", $"There is no file {path}. FILE comes before the inputs: run FILE --local --name value.");
        if (new FileInfo(path).Length > RunRequest.MostArchiveBytes)
            throw new SandboxException("ESS6003", $"{path} has {new FileInfo(path).Length} bytes; a function has at most {RunRequest.MostBytes}, a zip {RunRequest.MostArchiveBytes}. Give data as files (--file).");
        return new RunRequest(Path.GetFileName(path), File.ReadAllBytes(path))
        {
            Texts = RunInputs.Parse(context.GetValue(_inputs) ?? []),
            Files = _files.Files(context),
            Limits = _limits.Read(context),
            Checks = !context.GetValue(_noChecks),
            LookOnly = context.GetValue(_check),
        };
    }
}
