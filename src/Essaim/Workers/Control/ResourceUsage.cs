namespace Essaim;

/// <summary>What this process has used of the machine, as Python's <c>resource</c> tells it.</summary>
internal static class ResourceUsage
{
    private static readonly string[] Counts =
        ["maxrss", "ixrss", "idrss", "isrss", "minflt", "majflt", "nswap", "inblock", "oublock", "msgsnd", "msgrcv", "nsignals", "nvcsw", "nivcsw"];

    /// <summary>The numbers by name; Celery's <c>N/A</c> where the system does not tell.</summary>
    public static object Read()
    {
        Span<long> usage = stackalloc long[18];
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || !Posix.TryGetUsage(usage))
            return "N/A";
        Dictionary<string, object> facts = new()
        {
            ["utime"] = usage[0] + usage[1] / 1e6,
            ["stime"] = usage[2] + usage[3] / 1e6,
        };
        for (int index = 0; index < Counts.Length; index++)
            facts[Counts[index]] = usage[4 + index];
        return facts;
    }
}
