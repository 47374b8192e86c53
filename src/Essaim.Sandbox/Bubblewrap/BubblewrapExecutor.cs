using System.ComponentModel;
using System.Diagnostics;

namespace Essaim.Sandbox;

/// <summary>
/// Runs users' Python behind namespaces, a seccomp filter, resource limits and control groups, by bubblewrap. Safe on all threads; several
/// processes may use one folder.
/// </summary>
internal sealed class BubblewrapExecutor : IExecutor
{
    private const long Mebibyte = 1 << 20;
    private readonly SandboxOptions _options;
    private readonly TimeProvider _time;
    private readonly string _bubblewrap;

    private BubblewrapExecutor(SandboxOptions options, TimeProvider time, string bubblewrap, Kit kit, ControlGroups groups)
    {
        _options = options;
        _time = time;
        _bubblewrap = bubblewrap;
        Kit = kit;
        Groups = groups;
    }

    /// <inheritdoc />
    public string Name => "bubblewrap";

    internal Kit Kit { get; }

    internal ControlGroups Groups { get; }

    internal string RunsFolder => Path.Combine(_options.Folder, "runs");

    internal SandboxOptions Options => _options;

    internal string Program => _bubblewrap;

    internal TimeProvider Time => _time;

    /// <summary>Nothing else keeps the number of processes.</summary>
    internal bool LimitsProcessesInside => !OwnUsers && !Groups.HoldsProcesses;

    private static bool OwnUsers => Environment.IsPrivilegedProcess;

    /// <summary>Prepares this machine's folder.</summary>
    /// <exception cref="SandboxException"><c>ESS6001</c> it does not work here; the text says what is missing.</exception>
    public static BubblewrapExecutor Open(SandboxOptions options, TimeProvider time)
    {
        // Refuses what is not Linux, before anything else.
        _ = Kit.MachineName();
        string bubblewrap = ToolChecks.Find("bwrap") ?? throw new SandboxException(
            "ESS6001", "bubblewrap is not installed; functions cannot be run without it. On Debian: apt-get install bubblewrap.");
        if (!File.Exists(options.Python))
            throw new SandboxException("ESS6001", $"{options.Python} does not exist; functions are run by it. On Debian: apt-get install python3.");
        if (!options.Python.StartsWith("/usr/", StringComparison.Ordinal))
            throw new SandboxException("ESS6001", $"{options.Python} lies outside of /usr, which is all the sandbox sees of this machine. Name an interpreter below /usr.");
        Machine.PrepareFolder(options.Folder);
        return new BubblewrapExecutor(options, time, bubblewrap, Kit.Unpack(options.Folder), ControlGroups.Find().For(options.Folder));
    }

    /// <inheritdoc />
    public ValueTask<ExecutorProof> ProveAsync(CancellationToken cancellationToken) => new BubblewrapProver(this).ProveAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask<ISandboxRun> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        request.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        RunFolder folder = new(Path.Combine(RunsFolder, request.Id));
        RunGroup group = Groups.Reopen(request.Id);
        try
        {
            // The folder first: groups without one are swept away.
            folder.Prepare(request, new RunFacts(request.SourceName, request.Limits, group.Folders, group.Second, _time.GetUtcNow()));
            Groups.Create(request.Id, request.Limits);
            folder.Write("spec", SpecOf(folder, group, request).Encode());
            Process shim = ShimProgram.Start(Kit, folder.Path);
            return ValueTask.FromResult<ISandboxRun>(new BubblewrapRun(this, folder, group, shim));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception or SandboxException)
        {
            group.TryRemove();
            if (Directory.Exists(folder.Path))
                Directory.Delete(folder.Path, recursive: true);
            if (error is SandboxException)
                throw;
            throw new SandboxException("ESS6001", $"The run {request.Id} cannot be prepared: {error.Message}", error);
        }
    }

    /// <inheritdoc />
    public ISandboxRun? Find(string id)
    {
        RunFolder folder = new(Path.Combine(RunsFolder, Path.GetFileName(id)));
        if (!folder.Exists)
            return null;
        RunFacts facts = folder.ReadFacts();
        return new BubblewrapRun(this, folder, new RunGroup(facts.Groups, facts.SecondGroups), shim: null);
    }

    private ShimSpec SpecOf(RunFolder folder, RunGroup group, RunRequest request) =>
        AddProgram(LimitsOf(request), group, BubblewrapCommand.Arguments(_bubblewrap, _options, Kit, folder, request, LimitsProcessesInside));

    /// <summary>The run's clock, log and limits, as the shim keeps them.</summary>
    internal ShimSpec LimitsOf(RunRequest request)
    {
        RunLimits limits = request.Limits;
        ShimSpec spec = new ShimSpec()
            .Add("time-limit", (long)limits.Time.TotalMilliseconds).Add("grace", (long)limits.Grace.TotalMilliseconds)
            .Add("log-limit", limits.Log).Add("log-tail", Math.Min(limits.Log, 256 << 10))
            .Add("out-limit", limits.Output).Add("out-files", limits.OutputFiles)
            .Limit(ShimSpec.OpenFiles, limits.OpenFiles).Limit(ShimSpec.FileSize, limits.Output);
        AddFixedLimits(spec);
        if (request.Patience is { } patience)
            spec.Add("patience", (long)patience.TotalMilliseconds);
        // Counted by user: bwrap and the first process of its namespace have the run's user, too, and a thread is a process here.
        if (OwnUsers)
            spec.Limit(ShimSpec.Processes, limits.Processes + 3);

        if (!Groups.HoldsMemory)
        {
            // A program reserves more than it uses: this holds only what is wildly too much; the shim's look twice a second holds the rest.
            spec.Add("soft-memory", limits.Memory).Limit(ShimSpec.AddressSpace, Math.Max(limits.Memory * 2, limits.Memory + (1L << 30)));
        }

        return spec;
    }

    /// <summary>Limits that are the same for all.</summary>
    internal static ShimSpec AddFixedLimits(ShimSpec spec) => spec
        .Limit(ShimSpec.Core, 0).Limit(ShimSpec.LockedMemory, 64 << 10).Limit(ShimSpec.MessageQueues, 0).Limit(ShimSpec.PendingSignals, 256)
        .Limit(ShimSpec.Stack, 8 * Mebibyte, 64 * Mebibyte);

    /// <summary>What is started, as whom, and in which groups.</summary>
    internal ShimSpec AddProgram(ShimSpec spec, RunGroup group, IEnumerable<string> arguments)
    {
        spec.Add("seccomp", Kit.Filter(soft: !Groups.HoldsMemory));
        if (OwnUsers)
            spec.Add("slots", Path.Combine(_options.Folder, "slots")).Add("first-uid", _options.Users).Add("slot-count", _options.MostRuns);
        foreach (string path in group.Folders)
            spec.Add("group", path);
        foreach (string argument in arguments)
            spec.Add("arg", argument);
        return spec;
    }
}
