using System.Globalization;

namespace Essaim;

/// <summary>How much memory a worker and its children may have where the user does not say: what the control group allows, else 80 % of the machine's.</summary>
internal static class MemoryBudget
{
    private const double ShareOfMachine = 0.8;

    /// <summary>Bytes.</summary>
    /// <param name="proc">Where the kernel tells of processes.</param>
    /// <param name="root">Where control groups are mounted.</param>
    public static long Find(string proc = "/proc", string root = "/sys/fs/cgroup")
    {
        long machine = MachineBytes(proc);
        long most = machine;
        foreach (string line in Lines(Path.Combine(proc, "self", "cgroup")))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3)
                continue;
            if (parts[1].Split(',').Contains("memory"))
                most = Math.Min(most, Smallest(Path.Combine(root, "memory"), parts[2], "memory.limit_in_bytes"));
            else if (parts[0] == "0")
                most = Math.Min(most, Smallest(root, parts[2], "memory.max"));
        }

        // A limit as large as the machine is none.
        return most < machine ? most : (long)(machine * ShareOfMachine);
    }

    /// <summary>A group has at most what those above it have. In a container the path may be of the host: then its own group is at the root.</summary>
    private static long Smallest(string root, string group, string file)
    {
        long smallest = long.MaxValue;
        for (string? at = group.Trim('/'); at is not null; at = at.Length == 0 ? null : Path.GetDirectoryName(at))
        {
            string limit = Lines(Path.Combine(root, at, file)).FirstOrDefault() ?? "";
            if (long.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes))
                smallest = Math.Min(smallest, bytes);
        }

        return smallest;
    }

    private static long MachineBytes(string proc)
    {
        string? total = Lines(Path.Combine(proc, "meminfo")).FirstOrDefault(line => line.StartsWith("MemTotal:", StringComparison.Ordinal));
        string? kilobytes = total?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(1);
        return long.TryParse(kilobytes, NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            ? size * 1024
            : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
