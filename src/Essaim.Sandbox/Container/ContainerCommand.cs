using System.Globalization;

namespace Essaim.Sandbox;

/// <summary>The walls of a run in a container, as arguments of podman or docker. Each line is tested by the hostile suite.</summary>
internal static class ContainerCommand
{
    private const int SharedMemory = 16 << 20;
    // What a runtime written in Go needs of the container's own count while it starts it.
    private const int FewestProcesses = 32;
    // gVisor is a process with threads of its own, which are counted; those of the program it counts itself.
    private const int VisorThreads = 1024;
    private static readonly string[] Scripts = ["boot.py", "essaim.py", "essaim_inputs.py"];

    /// <summary>The container of a run, by name.</summary>
    public static string NameOf(string prefix, string id) => $"essaim-{prefix}-{id}";

    /// <summary>What takes it away, whatever it does.</summary>
    public static IReadOnlyList<string> Remover(ContainerTool tool, string name) =>
        [.. tool.Start, "rm", "--force", .. tool.IsPodman ? ["--ignore", "--time", "0"] : Array.Empty<string>(), name];

    /// <summary>The first of them is the program. <c>{user}</c> is the run's user, whom the shim knows.</summary>
    public static IEnumerable<string> Arguments(ContainerTool tool, ContainerOptions options, ContainerImage image, Kit kit, RunFolder folder, RunRequest request, string name, bool ownUsers)
    {
        RunLimits limits = request.Limits;
        string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
        string[] Bind(string from, string to, bool writable = false) => ["--volume", $"{from}:{to}{(writable ? "" : ":ro")}"];
        return
        [
            .. tool.Start, "run", "--rm", "--name", name, "--pull", "never", "--log-driver", "none", "--sig-proxy=false", "--label", "essaim=" + folder.Id,
            "--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--security-opt", "seccomp=" + kit.Profile(options.IsVisor), "--security-opt", "label=disable",
            "--user", "{user}:{user}", "--hostname", "task", "--ipc", "private", "--cgroupns", "private", "--oom-score-adj", "500",
            "--memory", Text($"{limits.Memory}"), "--memory-swap", Text($"{limits.Memory}"), "--cpus", Text($"{Math.Min(limits.Cpus, Environment.ProcessorCount)}"),
            "--pids-limit", Text($"{(options.IsVisor ? VisorThreads : Math.Max(limits.Processes, FewestProcesses) + 1)}"),
            "--ulimit", Text($"nofile={limits.OpenFiles}:{limits.OpenFiles}"), "--ulimit", Text($"nproc={limits.Processes + 1}:{limits.Processes + 1}"),
            "--tmpfs", Text($"/tmp:rw,size={limits.Scratch},mode=1777,nosuid,nodev"), "--shm-size", Text($"{SharedMemory}"),
            .. tool.IsPodman ? ["--http-proxy=false", "--no-hosts", "--read-only-tmpfs=false", "--systemd=false", .. ownUsers ? [] : (string[])["--userns", "keep-id"]] : Array.Empty<string>(),
            .. !tool.IsPodman && options.Runtime is { } runtime ? ["--runtime", runtime] : Array.Empty<string>(),
            .. Bind(Path.Combine(folder.Path, "passwd"), "/etc/passwd"), .. Bind(Path.Combine(folder.Path, "group"), "/etc/group"),
            .. Bind(kit.Shim, "/task/hold"), .. Bind(folder.Main, "/task/main.py"),
            .. Scripts.SelectMany(script => Bind(Path.Combine(kit.Folder, script), "/task/" + script)),
            // gVisor writes to pipes of the host only below a writable mount; their folder is nobody's in there.
            .. Bind(Path.Combine(folder.Path, "channel"), "/task/channel", writable: options.IsVisor),
            .. Bind(folder.In, "/in"), .. Bind(folder.Out, "/out", writable: true), "--workdir", "/out",
            "--entrypoint", "/task/hold", ContainerImage.Bare(tool, image.Id),
            "hold", "/task/channel", .. Settings(options, image, limits, ownUsers), "--",
            options.Python, "-I", "-B", "-u", "/task/boot.py", request.SourceName, request.LookOnly ? "2" : request.Checks ? "1" : "0", "0",
        ];
    }

    /// <summary>What the container's first process sets before it starts the program.</summary>
    private static IEnumerable<string> Settings(ContainerOptions options, ContainerImage image, RunLimits limits, bool ownUsers)
    {
        string threads = Math.Max(1, (int)Math.Ceiling(limits.Cpus)).ToString(CultureInfo.InvariantCulture);
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
        foreach (string[] pair in image.Settings.Select(setting => setting.Split('=', 2)).Where(pair => pair.Length == 2))
            environment[pair[0]] = pair[1];
        foreach ((string name, string value) in new[] { ("HOME", "/tmp"), ("LANG", "C.UTF-8"), ("OMP_NUM_THREADS", threads), ("OPENBLAS_NUM_THREADS", threads) })
            environment[name] = value;
        return
        [
            .. environment.Select(pair => $"env {pair.Key}={pair.Value}"),
            Limit(ShimSpec.Core, 0, 0), Limit(ShimSpec.FileSize, limits.Output, limits.Output), Limit(ShimSpec.LockedMemory, 64 << 10, 64 << 10),
            Limit(ShimSpec.Stack, 8 << 20, 64 << 20),
            // gVisor's kernel refuses to set what it does not count.
            .. options.IsVisor ? Array.Empty<string>() : [Limit(ShimSpec.MessageQueues, 0, 0), Limit(ShimSpec.PendingSignals, 256, 256)],
            // Counted by user; with a user for each run it is exact.
            .. ownUsers ? [Limit(ShimSpec.Processes, limits.Processes + 1, limits.Processes + 1)] : Array.Empty<string>(),
        ];
    }

    private static string Limit(int resource, long soft, long hard) => string.Create(CultureInfo.InvariantCulture, $"limit {resource} {soft} {hard}");
}
