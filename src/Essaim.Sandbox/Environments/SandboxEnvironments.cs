using System.Collections.Concurrent;
using System.Text;

namespace Essaim.Sandbox;

/// <summary>The environments of this machine, each with the executor it is run by. Safe on all threads.</summary>
internal sealed class SandboxEnvironments(IReadOnlyList<SandboxEnvironment> all, SandboxOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, IHeldExecutor> _opened = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ExecutorProof> _held = new(StringComparer.Ordinal);

    /// <summary>Those that are known here; whether they work is another question.</summary>
    public IReadOnlyList<SandboxEnvironment> All => all;

    /// <summary>Where their runs live.</summary>
    public SandboxOptions Options => options;

    /// <exception cref="SandboxException"><c>ESS6034</c> there is none of this name here.</exception>
    public SandboxEnvironment Get(string name) => all.FirstOrDefault(one => one.Name == name) ?? throw new SandboxException(
        "ESS6034", $"There is no environment '{name}' on this machine. It has {string.Join(", ", all.Select(one => one.Name))}; others are declared in {EnvironmentCatalog.DefaultName}.");

    /// <summary>The executor an environment is run by.</summary>
    /// <exception cref="SandboxException"><c>ESS6034</c> there is none of this name; <c>ESS6001</c>, <c>ESS6032</c> it does not work here.</exception>
    public IHeldExecutor Open(string name) => _opened.GetOrAdd(name, _ => Open(Get(name), options, time));

    /// <summary>The executor with the pool before it, for what a sandbox can be made ahead: those environments that are there by themselves. Null for others.</summary>
    public WarmExecutor? WarmOf(string name, WarmPlan plan, bool refills = true) =>
        options is { DiskImages: false, Root: "/" } && Get(name) is { Kind: ExecutorKind.Bubblewrap, Root: null, Python: null } && Open(name) is BubblewrapExecutor executor
            ? new WarmExecutor(executor, plan) { Refills = refills }
            : null;

    /// <summary>Opens an environment's executor.</summary>
    public static IHeldExecutor Open(SandboxEnvironment environment, SandboxOptions options, TimeProvider time) => environment.Kind switch
    {
        ExecutorKind.Container => ContainerExecutor.Open(
            options,
            new ContainerOptions(environment.Image!) { Command = environment.Command, Runtime = environment.Runtime, Python = environment.Python ?? "python3" },
            time),
        ExecutorKind.Process => ProcessExecutor.Open(options with { Python = environment.Python ?? options.Python }, time),
        _ => BubblewrapExecutor.Open(options with { Python = environment.Python ?? options.Python, Root = environment.Root ?? options.Root }, time),
    };

    /// <summary>Has an environment's executor prove itself, and looks whether its packages are there. What holds is remembered.</summary>
    public async ValueTask<ExecutorProof> ProveAsync(string name, CancellationToken cancellationToken)
    {
        if (_held.TryGetValue(name, out ExecutorProof? known))
            return known;
        SandboxEnvironment environment = Get(name);
        ExecutorProof proof;
        try
        {
            IHeldExecutor executor = Open(name);
            proof = await executor.ProveAsync(cancellationToken);
            if (proof.Holds && environment.Needs.Count > 0 && await FindMissingAsync(executor, environment, cancellationToken) is { } missing)
                proof = proof with { Holds = false, Missing = [missing] };
        }
        catch (SandboxException absent)
        {
            proof = new ExecutorProof(environment.Kind.ToString().ToLowerInvariant(), Holds: false, [absent.Message], []);
        }

        if (proof.Holds)
            _held[name] = proof;
        return proof;
    }

    private static async Task<string?> FindMissingAsync(IHeldExecutor executor, SandboxEnvironment environment, CancellationToken cancellationToken)
    {
        string source = string.Join('\n', environment.Needs.Select(package => "import " + package));
        ISandboxRun run = await executor.StartAsync(new RunRequest("needs.py", Encoding.UTF8.GetBytes(source)) { LookOnly = true }, cancellationToken);
        try
        {
            RunEnd end = await run.WaitAsync(cancellationToken);
            return end.Reason == EndReason.Ok
                ? null
                : $"{string.Join("; ", end.Refused.Select(finding => finding.Message).DefaultIfEmpty(end.Message))}. {Advice(environment)}";
        }
        finally
        {
            await run.RemoveAsync(CancellationToken.None);
        }
    }

    private static string Advice(SandboxEnvironment environment) => environment switch
    {
        { Kind: ExecutorKind.Container } => "Name an image that has them.",
        { Root: null } => $"On Debian: apt-get install {string.Join(' ', environment.Needs.Select(package => "python3-" + package.Split('.')[0]))}.",
        _ => $"Install them below {environment.Root}.",
    };
}
