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
        // The top may hold processes and limit its groups all the same.
        if (off.Length > 0 && folder != top)
            MoveIntoLeaf(folder);
        foreach (string controller in off)
            GroupFile.TryWrite(control, "+" + controller);
        return GroupFile.Words(control).Intersect(available);
    }

    private static void MoveIntoLeaf(string folder)
    {
        string[] members = GroupFile.Words(Path.Combine(folder, "cgroup.procs"));
        if (members.Length == 0)
            return;
        string leaf = Path.Combine(folder, Leaf);
        Directory.CreateDirectory(leaf);
        foreach (string member in members)
            GroupFile.TryWrite(Path.Combine(leaf, "cgroup.procs"), member);
    }
}
