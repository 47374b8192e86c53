using System.Globalization;

namespace Essaim;

/// <summary>Where the operating system itself can keep a child below a limit: a control group of its own for each, where this process may make them.</summary>
internal sealed class MemoryCages
{
    private static int _made;
    private readonly string _parent;
    private readonly bool _second;

    private MemoryCages(string parent, bool second)
    {
        _parent = parent;
        _second = second;
    }

    /// <summary>Shown to people: which version, and where.</summary>
    public string Description => $"control groups (version {(_second ? 2 : 1)}) in {_parent}";

    /// <summary>Finds a place for cages; null where there is none.</summary>
    /// <param name="root">Where control groups are mounted.</param>
    /// <param name="membership">The text of <c>/proc/self/cgroup</c>.</param>
    public static MemoryCages? Find(string root = "/sys/fs/cgroup", string? membership = null)
    {
        membership ??= ReadOrEmpty("/proc/self/cgroup");
        foreach (string line in membership.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3)
                continue;
            string own = parts[2].Trim('/');
            MemoryCages? cages = parts[1].Split(',').Contains("memory") ? new MemoryCages(Path.Combine(root, "memory", own), second: false)
                : parts[0] == "0" && FindDelegated(root, own) is { } unit ? new MemoryCages(unit, second: true)
                : null;
            if (cages?.Works() != true)
                continue;
            cages.RemoveAbandoned();
            return cages;
        }

        return null;
    }

    /// <summary>Makes a cage; null where that fails after all.</summary>
    public MemoryCage? TryMake()
    {
        string folder = Path.Combine(_parent, string.Create(CultureInfo.InvariantCulture, $"essaim-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}"));
        try
        {
            Directory.CreateDirectory(folder);
            MemoryCage cage = new(folder, _second);
            if (cage.IsWhole)
                return cage;
            cage.Dispose();
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// In version 2 a group with processes in it has no limited groups below. A service that is given its own part of the tree
    /// (systemd: Delegate=yes, DelegateSubgroup=worker) sits in one below it: the cages go beside that.
    /// </summary>
    private static string? FindDelegated(string root, string own)
    {
        string unit = Path.Combine(root, Path.GetDirectoryName(own) ?? "");
        if (!unit.EndsWith(".service", StringComparison.Ordinal) && !unit.EndsWith(".scope", StringComparison.Ordinal))
            return null;
        try
        {
            string control = Path.Combine(unit, "cgroup.subtree_control");
            if (!File.ReadAllText(control).Split(' ', '\n').Contains("memory"))
                File.WriteAllText(control, "+memory");
            return unit;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A worker that was killed leaves its cages behind, empty: its children have ended with it.</summary>
    private void RemoveAbandoned()
    {
        foreach (string folder in Directory.EnumerateDirectories(_parent, "essaim-*"))
        {
            if (Path.GetFileName(folder).Split('-') is not [_, var worker, _] || Directory.Exists($"/proc/{worker}"))
                continue;
            try
            {
                Directory.Delete(folder);
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                // Somebody is in it: a worker of another container, whose numbers are not ours.
            }
        }
    }

    private bool Works()
    {
        using MemoryCage? cage = TryMake();
        return cage is not null;
    }

    private static string ReadOrEmpty(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
