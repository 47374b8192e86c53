namespace Essaim.Sandbox;

/// <summary>A hierarchy of control groups and where this process stands in it.</summary>
/// <param name="Point">Where it is mounted.</param>
/// <param name="OwnFolder">Our group's folder in it; the mount point where that cannot be seen.</param>
/// <param name="Controllers">Version 1: its controllers.</param>
/// <param name="Second">Version 2.</param>
internal sealed record GroupMount(string Point, string OwnFolder, IReadOnlyList<string> Controllers, bool Second)
{
    private const int RootField = 3;
    private const int PointField = 4;

    public static IReadOnlyList<GroupMount> Read(string mounts, string membership, string root)
    {
        string[][] own = [.. membership.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3)];
        List<GroupMount> found = [];
        foreach (string line in mounts.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // ID PARENT DEVICE ROOT POINT OPTIONS … - TYPE SOURCE OPTIONS
            string[] halves = line.Split(" - ", 2);
            if (halves.Length < 2 || halves[0].Split(' ') is not { Length: > PointField } fields || halves[1].Split(' ') is not { Length: >= 3 } facts)
                continue;
            if (facts[0] is not ("cgroup" or "cgroup2"))
                continue;
            bool second = facts[0] == "cgroup2";
            string[] controllers = second ? [] : facts[2].Split(',');
            string? path = own.FirstOrDefault(parts => second ? parts[0] == "0" && parts[1].Length == 0 : parts[1].Split(',').Intersect(controllers).Any())?[2];
            found.Add(new GroupMount(root + fields[PointField], OwnFolderOf(root + fields[PointField], fields[RootField], path ?? "/"), controllers, second));
        }

        return found;
    }

    private static string OwnFolderOf(string point, string mounted, string path)
    {
        // A container may see only its own part: what is above it is not below the mount point.
        if (mounted != "/" && path.StartsWith(mounted, StringComparison.Ordinal))
            path = path[mounted.Length..];
        string folder = Path.Combine(point, path.Trim('/')).TrimEnd('/');
        return Directory.Exists(folder) ? folder : point;
    }
}
