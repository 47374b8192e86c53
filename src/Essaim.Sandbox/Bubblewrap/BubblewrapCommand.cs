using System.Globalization;

namespace Essaim.Sandbox;

/// <summary>The walls of a run, as arguments of bubblewrap. Each line is tested by the hostile suite.</summary>
internal static class BubblewrapCommand
{
    private const long SharedMemory = 16 << 20;
    private static readonly string[] Scripts = ["boot.py", "essaim.py", "essaim_inputs.py"];
    private static readonly string[] FromUsr = ["/lib", "/lib64", "/lib32", "/bin", "/sbin"];

    /// <summary>The first of them is the program.</summary>
    public static IEnumerable<string> Arguments(string bubblewrap, SandboxOptions options, Kit kit, RunFolder folder, RunRequest request, bool limitProcessesInside) =>
        Arguments(bubblewrap, options, kit, folder, request.Limits, Words(request, limitProcessesInside));

    /// <summary>What <c>boot.py</c> is told of a run.</summary>
    public static string[] Words(RunRequest request, bool limitProcessesInside) =>
    [
        request.SourceName, request.LookOnly ? "2" : request.Checks ? "1" : "0",
        limitProcessesInside ? request.Limits.Processes.ToString(CultureInfo.InvariantCulture) : "0",
    ];

    /// <summary>Threads numeric libraries start.</summary>
    public static int Threads(RunLimits limits) => Math.Max(1, (int)Math.Ceiling(limits.Cpus));

    /// <summary>The same, with other words for <c>boot.py</c>.</summary>
    public static IEnumerable<string> Arguments(string bubblewrap, SandboxOptions options, Kit kit, RunFolder folder, RunLimits limits, IEnumerable<string> words)
    {
        string threads = Threads(limits).ToString(CultureInfo.InvariantCulture);
        string KitFile(string name) => Path.Combine(kit.Folder, name);
        return
        [
            bubblewrap,
            "--unshare-all", "--unshare-user", "--disable-userns", "--new-session", "--die-with-parent", "--clearenv",
            "--uid", "1000", "--gid", "1000", "--hostname", "task", "--info-fd", "10",
            "--ro-bind", "/usr", "/usr", .. FromUsr.SelectMany(LinkOrBind),
            "--dir", "/etc", "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
            "--ro-bind-try", "/etc/localtime", "/etc/localtime", "--ro-bind", KitFile("passwd"), "/etc/passwd", "--ro-bind", KitFile("group"), "/etc/group",
            "--proc", "/proc", "--dev", "/dev",
            "--size", SharedMemory.ToString(CultureInfo.InvariantCulture), "--tmpfs", "/dev/shm",
            "--size", limits.Scratch.ToString(CultureInfo.InvariantCulture), "--tmpfs", "/tmp",
            "--dir", "/task", "--ro-bind", folder.Main, "/task/main.py",
            .. Scripts.SelectMany(script => (string[])["--ro-bind", KitFile(script), "/task/" + script]),
            "--ro-bind", folder.In, "/in", "--bind", folder.Out, "/out", "--chdir", "/out",
            "--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/",
            "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8",
            "--setenv", "OMP_NUM_THREADS", threads, "--setenv", "OPENBLAS_NUM_THREADS", threads,
            "--cap-drop", "ALL", "--seccomp", "9", "--",
            options.Python, "-I", "-B", "-u", "/task/boot.py", .. words,
        ];
    }

    /// <summary>On most systems these are links into /usr; on older ones folders of their own.</summary>
    private static IEnumerable<string> LinkOrBind(string folder) => new DirectoryInfo(folder) switch
    {
        { LinkTarget: { } target } => ["--symlink", target.TrimStart('/'), folder],
        { Exists: true } => ["--ro-bind", folder, folder],
        _ => [],
    };
}
