using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Essaim.Sandbox;

/// <summary>
/// Runs users' Python in a container of an image named by its digest, by the command line of podman or docker. Safe on all threads; several
/// processes may use one folder.
/// </summary>
internal sealed class ContainerExecutor : IHeldExecutor
{
    private readonly ContainerOptions _container;
    private readonly ContainerTool _tool;
    private readonly bool _ownUsers = Environment.IsPrivilegedProcess;
    private ContainerImage? _image;

    private ContainerExecutor(SandboxOptions options, ContainerOptions container, ContainerTool tool, TimeProvider time, Kit kit, ControlGroups groups)
    {
        Options = options;
        _container = container;
        _tool = tool;
        Time = time;
        Kit = kit;
        Groups = groups;
    }

    /// <inheritdoc />
    public string Name => "container";

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

    internal ContainerTool Tool => _tool;

    internal string Prefix => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(Options.Folder))))[..8];

    /// <summary>Prepares this machine's folder. The image is looked for when it is first needed, and fetched by <see cref="ProveAsync"/>.</summary>
    /// <exception cref="SandboxException"><c>ESS6001</c>, <c>ESS6032</c> it does not work here; <c>ESS6031</c> the image is not named by its digest.</exception>
    public static ContainerExecutor Open(SandboxOptions options, ContainerOptions container, TimeProvider time)
    {
        _ = Kit.MachineName();
        container = container.WithEnvironment();
        container.Validate();
        ControlGroups groups = ControlGroups.Find().For(options.Folder);
        ContainerTool tool = ContainerTool.Find(container, groups.Second);
        if (options.Folder.Contains(':', StringComparison.Ordinal))
            throw new SandboxException("ESS6001", $"The folder for sandboxes {options.Folder} has a colon in its name, which podman and docker cannot be told. Name another.");
        Machine.PrepareFolder(options.Folder);
        return new ContainerExecutor(options, container, tool, time, Kit.Unpack(options.Folder), groups);
    }

    /// <inheritdoc />
    public async ValueTask<ExecutorProof> ProveAsync(CancellationToken cancellationToken)
    {
        // Its memory is held by the container's end, of which podman alone says what it was.
        if (_container.IsVisor && !_tool.IsPodman)
            return new ExecutorProof(Name, Holds: false, ["docker does not say when gVisor ran out of memory: have podman run it (command: podman, or ESSAIM_CONTAINER_COMMAND)."], []);

        try
        {
            _image = await ContainerImage.GetAsync(_tool, _container, cancellationToken);
        }
        catch (SandboxException missing)
        {
            return new ExecutorProof(Name, Holds: false, [missing.Message], []);
        }

        // The output folder is measured four times a second; one file alone is held by the kernel.
        return await new ExecutorProver(this, new ProverSubject($"proof-{_image.Id.Replace(':', '-')}.json")
        {
            Soft = Options.DiskImages ? [] : ["output"],
            HardDisk = Options.DiskImages,
            Explain = ContainerDiagnosis.Explain,
            MemoryAdvice = ContainerDiagnosis.Memory(_container, Groups.Second),
            DependsOn = [.. _tool.Start, _image.Id, _container.Python, _container.Runtime ?? "", $"disk {Options.DiskImages}"],
            Program = _tool.Program,
            Settings = [.. _image.Settings.Select(setting => setting.Split('=')[0])],
        }).ProveAsync(cancellationToken);
    }

    /// <inheritdoc />
    public ISandboxRun? Find(string id) => HeldRun.Find(this, id);

    /// <inheritdoc />
    public async ValueTask<ISandboxRun> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        request.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        ContainerImage image = _image ??= await ContainerImage.FindAsync(_tool, _container.Image, cancellationToken)
            ?? throw new SandboxException("ESS6033", $"There is no image {_container.Image} on this machine. Fetch it: {Path.GetFileName(_tool.Program)} pull {_container.Image}");
        RunFolder folder = new(Path.Combine(RunsFolder, request.Id));
        string name = ContainerCommand.NameOf(Prefix, request.Id);
        try
        {
            folder.Prepare(request, new RunFacts(request.SourceName, request.Limits, [], Groups.Second, Time.GetUtcNow()) { Remover = ContainerCommand.Remover(_tool, name) });
            folder.Write("spec", SpecOf(folder, request, image, name).Encode());
            Process shim = ShimProgram.Start(Kit, folder.Path);
            return new HeldRun(Kit, Time, folder, new RunGroup([], Groups.Second), shim);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception or SandboxException)
        {
            if (Directory.Exists(folder.Path))
                Directory.Delete(folder.Path, recursive: true);
            if (error is SandboxException)
                throw;
            throw new SandboxException("ESS6001", $"The run {request.Id} cannot be prepared: {error.Message}", error);
        }
    }

    private ShimSpec SpecOf(RunFolder folder, RunRequest request, ContainerImage image, string name)
    {
        ShimSpec spec = OutputDisk.AddTo(ShimSpec.Of(request), Options, request.Limits).Add("channel", 1);
        if (_ownUsers)
            spec.Add("slots", Path.Combine(Options.Folder, "slots")).Add("first-uid", Options.Users).Add("slot-count", Options.MostRuns);
        foreach (string argument in ContainerCommand.Arguments(_tool, _container, image, Kit, folder, request, name, _ownUsers))
            spec.Add("arg", argument);
        foreach (string argument in ContainerCommand.Remover(_tool, name))
            spec.Add("remove-arg", argument);
        foreach (string setting in ContainerTool.Settings)
            spec.Add("env", setting);
        return spec;
    }
}
