using System.ComponentModel;

namespace Essaim.Sandbox;

/// <summary>
/// Runs trusted Python as a plain process of this machine, held by the shim: limits, clock, log and kill, and no wall at all. It sees what its user
/// sees, the network too. Safe on all threads.
/// </summary>
internal sealed class ProcessExecutor : IHeldExecutor
{
    /// <summary>What has to be said wherever it is used.</summary>
    public const string Warning = "Its programs are locked in by nothing: they see this machine's files, its network and other programs. It is for code you would run yourself.";

    private ProcessExecutor(SandboxOptions options, TimeProvider time, Kit kit, ControlGroups groups)
    {
        Options = options;
        Time = time;
        Kit = kit;
        Groups = groups;
    }

    /// <inheritdoc />
    public string Name => "process";

    /// <inheritdoc />
    public SandboxOptions Options { get; }

    /// <inheritdoc />
    public TimeProvider Time { get; }

    /// <inheritdoc />
    public Kit Kit { get; }

    /// <inheritdoc />
    public ControlGroups Groups { get; }

    /// <inheritdoc />
    public string RunsFolder => Path.Combine(Options.Folder, "runs");

    /// <summary>Prepares this machine's folder.</summary>
    /// <exception cref="SandboxException"><c>ESS6001</c> it does not work here; the text says what is missing.</exception>
    public static ProcessExecutor Open(SandboxOptions options, TimeProvider time)
    {
        _ = Kit.MachineName();
        if (!File.Exists(options.Python))
            throw new SandboxException("ESS6001", $"{options.Python} does not exist; functions are run by it. On Debian: apt-get install python3.");
        Machine.PrepareFolder(options.Folder);
        return new ProcessExecutor(options, time, Kit.Unpack(options.Folder), ControlGroups.Find().For(options.Folder));
    }

    /// <inheritdoc />
    public ValueTask<ExecutorProof> ProveAsync(CancellationToken cancellationToken)
    {
        List<string> soft = ["walls"];
        if (!Groups.HoldsMemory)
            soft.Add("memory");
        if (!Groups.HoldsCpu)
            soft.Add("cpu");
        soft.AddRange(Options.DiskImages ? ["scratch"] : ["output", "scratch"]);
        return ValueTask.FromResult(new ExecutorProof(Name, Holds: true, [], soft) { Advice = Warning });
    }

    /// <inheritdoc />
    public ISandboxRun? Find(string id) => HeldRun.Find(this, id);

    /// <inheritdoc />
    public ValueTask<ISandboxRun> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        request.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        RunFolder folder = new(Path.Combine(RunsFolder, request.Id));
        RunGroup group = Groups.Reopen(request.Id);
        try
        {
            folder.Prepare(request, new RunFacts(request.SourceName, request.Limits, group.Folders, group.Second, Time.GetUtcNow()));
            Groups.Create(request.Id, request.Limits);
            folder.Write("spec", SpecOf(folder, group, request).Encode());
            System.Diagnostics.Process shim = ShimProgram.Start(Kit, folder.Path);
            return ValueTask.FromResult<ISandboxRun>(new HeldRun(Kit, Time, folder, group, shim));
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

    private ShimSpec SpecOf(RunFolder folder, RunGroup group, RunRequest request)
    {
        RunLimits limits = request.Limits;
        ShimSpec spec = OutputDisk.AddTo(ShimSpec.Of(request), Options, limits).Add("plain", 1)
            .Limit(ShimSpec.Core, 0).Limit(ShimSpec.OpenFiles, limits.OpenFiles).Limit(ShimSpec.FileSize, limits.Output)
            .Limit(ShimSpec.LockedMemory, 64 << 10).Limit(ShimSpec.MessageQueues, 0).Limit(ShimSpec.PendingSignals, 256).Limit(ShimSpec.Stack, 8 << 20, 64 << 20);
        if (Environment.IsPrivilegedProcess)
        {
            spec.Add("slots", Path.Combine(Options.Folder, "slots")).Add("first-uid", Options.Users).Add("slot-count", Options.MostRuns)
                .Limit(ShimSpec.Processes, limits.Processes);
        }

        if (!Groups.HoldsMemory)
            spec.Add("soft-memory", limits.Memory).Limit(ShimSpec.AddressSpace, Math.Max(limits.Memory * 2, limits.Memory + (1L << 30)));
        foreach (string path in group.Folders)
            spec.Add("group", path);
        foreach (string argument in (string[])[Options.Python, "-I", "-B", "-u", Path.Combine(Kit.Folder, "boot.py"), request.SourceName, request.LookOnly ? "2" : request.Checks ? "1" : "0", "0"])
            spec.Add("arg", argument);
        string threads = Math.Max(1, (int)Math.Ceiling(limits.Cpus)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (string setting in (string[])["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8", "OMP_NUM_THREADS=" + threads, "OPENBLAS_NUM_THREADS=" + threads, "ESSAIM_RUN=" + folder.Path])
            spec.Add("env", setting);
        return spec;
    }
}
