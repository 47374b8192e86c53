using System.Diagnostics;

namespace Essaim.Sandbox;

/// <summary>The command line of podman or docker on this machine.</summary>
internal sealed class ContainerTool
{
    // What such a command may need to find its own: nothing else of this process is passed on to it.
    private static readonly string[] Needed =
    [
        "PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS",
        "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF", "CONTAINER_HOST", "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT",
    ];

    // Debian keeps some of them where only root looks.
    private static readonly string[] Hidden = ["/usr/sbin", "/sbin"];

    private ContainerTool(string program, bool isPodman, IReadOnlyList<string> start)
    {
        Program = program;
        IsPodman = isPodman;
        Start = start;
    }

    public string Program { get; }

    public bool IsPodman { get; }

    /// <summary>The program and what stands before its verb.</summary>
    public IReadOnlyList<string> Start { get; }

    /// <summary>Its environment, as <c>NAME=VALUE</c>.</summary>
    public static IEnumerable<string> Settings => Needed.Select(name => (name, Value: Environment.GetEnvironmentVariable(name)))
        .Where(pair => !string.IsNullOrEmpty(pair.Value)).Select(pair => $"{pair.name}={pair.Value}");

    /// <exception cref="SandboxException"><c>ESS6032</c> there is none.</exception>
    public static ContainerTool Find(ContainerOptions options, bool secondGroups)
    {
        string[] names = options.Command is { } named ? [named] : ["podman", "docker"];
        string program = names.Select(Locate).FirstOrDefault(found => found is not null) ?? throw new SandboxException(
            "ESS6032",
            options.Command is { } absent
                ? $"There is no {absent} on this machine; containers cannot be run without it. Install it, or name another (ESSAIM_CONTAINER_COMMAND)."
                : "Neither podman nor docker is installed; containers cannot be run without one. On Debian: apt-get install podman.");
        bool isPodman = !Path.GetFileName(program).Contains("docker", StringComparison.Ordinal);
        if (!isPodman)
            return new ContainerTool(program, isPodman: false, [program]);
        List<string> start = [program, "--events-backend", "none"];
        if (!Directory.Exists("/run/systemd/system"))
            start.AddRange(["--cgroup-manager", "cgroupfs"]);
        // crun refuses control groups of both versions beside each other.
        string? runtime = options.Runtime ?? (secondGroups ? null : Locate("runc"));
        if (runtime is not null)
            start.AddRange(["--runtime", runtime]);
        if (options.IsVisor)
            start.AddRange(["--runtime-flag", "host-fifo=open", "--runtime-flag", "oci-seccomp"]);
        return new ContainerTool(program, isPodman: true, start);
    }

    /// <summary>Runs one of its verbs to its end.</summary>
    public async Task<(int Code, string Output, string Errors)> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        await RunAsync([.. Start, .. arguments], cancellationToken);

    /// <summary>The same for a command somebody wrote down.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/" };
        string[] settings = [.. Settings];
        start.Environment.Clear();
        foreach (string[] pair in settings.Select(setting => setting.Split('=', 2)))
            start.Environment[pair[0]] = pair[1];
        using Process process = Process.Start(start) ?? throw new IOException($"{command[0]} cannot be started.");
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, output.Trim(), (await errors).Trim());
    }

    private static string? Locate(string name) => Path.IsPathRooted(name)
        ? (File.Exists(name) ? name : null)
        : ToolChecks.Find(name) ?? Hidden.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
