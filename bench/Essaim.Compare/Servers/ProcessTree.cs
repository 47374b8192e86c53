using System.Globalization;

namespace Essaim.Compare;

/// <summary>What a process and all it started use, from <c>/proc</c>.</summary>
internal static class ProcessTree
{
    private const double TicksPerSecond = 100;

    /// <summary>Processor seconds so far, with those of children that have ended.</summary>
    public static double CpuSeconds(int root)
    {
        double ticks = 0;
        foreach (int id in Members(root))
        {
            if (Stat(id) is { } fields)
                ticks += fields[11..15].Sum(field => double.Parse(field, CultureInfo.InvariantCulture));
        }

        return ticks / TicksPerSecond;
    }

    /// <summary>Resident memory added up, MiB: what the processes share counts once each.</summary>
    public static double ResidentMiB(int root) => Kibibytes(root, "status", "VmRSS:") / 1024.0;

    /// <summary>Proportional memory added up, MiB: what n processes share counts once.</summary>
    public static double ProportionalMiB(int root) => Kibibytes(root, "smaps_rollup", "Pss:") / 1024.0;

    private static long Kibibytes(int root, string file, string name)
    {
        long sum = 0;
        foreach (int id in Members(root))
        {
            string? line = Lines($"/proc/{id}/{file}").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            if (line is not null)
                sum += long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }

        return sum;
    }

    private static List<int> Members(int root)
    {
        ILookup<int, int> children = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (Id: id, Fields: Stat(id)))
            .Where(process => process.Fields is not null)
            .ToLookup(process => int.Parse(process.Fields![1], CultureInfo.InvariantCulture), process => process.Id);
        List<int> members = [root];
        for (int i = 0; i < members.Count; i++)
            members.AddRange(children[members[i]]);
        return members;
    }

    /// <summary>The fields after the name, which stands in brackets and may hold anything; null where the process has ended.</summary>
    private static string[]? Stat(int id) =>
        Lines($"/proc/{id}/stat") is [{ } line, ..] ? line[(line.LastIndexOf(')') + 2)..].Split(' ') : null;

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            // It ended between being listed and being read: it uses nothing any more.
            return [];
        }
    }
}
