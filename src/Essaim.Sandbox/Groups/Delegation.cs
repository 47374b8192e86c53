namespace Essaim.Sandbox;

/// <summary>
/// Version 2: a group whose groups below are limited has no processes of its own. Where we sit in the group that was given to us,
/// we move into a leaf of it, and then turn the controllers on.
/// </summary>
internal static class Delegation
{
    private const string Leaf = "agent";

    /// <summary>Turns controllers on for the groups in <paramref name="folder"/>.</summary>
    /// <returns>Those that are.</returns>
    public static IEnumerable<string> Enable(string folder, string top, IReadOnlyList<string> wanted)
    {
        string control = Path.Combine(folder, "cgroup.subtree_control");
        string[] available = [.. GroupFile.Words(Path.Combine(folder, "cgroup.controllers")).Intersect(wanted)];
        if (available.Length == 0 || !GroupFile.CanMakeGroupIn(folder))
            return [];
        string[] off = [.. available.Except(GroupFile.Words(control))];
        if (off.Length > 0)
            MakeRoom(folder, top);
        foreach (string controller in off)
            GroupFile.TryWrite(control, "+" + controller);
        return GroupFile.Words(control).Intersect(available);
    }

    /// <summary>Processes of ours can be moved there: the kernel wants a right on what is above both places.</summary>
    public static bool CanBeEntered(string folder, string own)
    {
        string common = folder;
        while (own != common && !own.StartsWith(common + "/", StringComparison.Ordinal))
            common = Path.GetDirectoryName(common) ?? "";
        return GroupFile.TryWrite(Path.Combine(common, "cgroup.procs"), "");
    }

    /// <summary>A service of systemd: all in it are of one program.</summary>
    public static bool IsUnit(string folder) => folder.EndsWith(".service", StringComparison.Ordinal);

    private static void MakeRoom(string folder, string top)
    {
        string[] members = GroupFile.Words(Path.Combine(folder, "cgroup.procs"));
        // The true top may hold processes and limit its groups all the same; a container's is no true top, and has a type.
        bool isOurs = folder == top
            ? File.Exists(Path.Combine(folder, "cgroup.type"))
            : IsUnit(folder) || members.All(member => member == Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        // Somebody's login session is not.
        if (members.Length > 0 && isOurs)
            MoveIntoLeaf(folder, members);
    }

    private static void MoveIntoLeaf(string folder, string[] members)
    {
        string leaf = Path.Combine(folder, Leaf);
        Directory.CreateDirectory(leaf);
        foreach (string member in members)
            GroupFile.TryWrite(Path.Combine(leaf, "cgroup.procs"), member);
    }
}
