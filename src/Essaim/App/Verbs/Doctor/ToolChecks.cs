namespace Essaim;

/// <summary>Programs that running users' own code needs; nothing else does.</summary>
internal static class ToolChecks
{
    private static readonly (string Tool, string Advice)[] Tools =
    [
        ("bwrap", "needed for users' functions without containers; on Debian: apt-get install bubblewrap"),
        ("podman", "needed for users' functions in containers, unless docker is there"),
        ("docker", "needed for users' functions in containers, unless podman is there"),
        ("python3", "needed for users' functions; on Debian: apt-get install python3"),
    ];

    public static IEnumerable<DoctorFinding> Run() => Tools.Select(tool => Find(tool.Tool) is { } path
        ? new DoctorFinding(tool.Tool, DoctorStatus.Ok, path)
        : new DoctorFinding(tool.Tool, DoctorStatus.Warn, "not found", tool.Advice));

    public static string? Find(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, tool))
            .FirstOrDefault(File.Exists);
}
