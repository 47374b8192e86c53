namespace Essaim.Sandbox;

/// <summary>What memory the machine, or the container it is, has and has left.</summary>
internal static class MemoryOfMachine
{
    /// <summary>Both in bytes.</summary>
    public static (long Total, long Available) Read()
    {
        long total = GroupFile.Number("/proc/meminfo", "MemTotal:") << 10;
        long available = GroupFile.Number("/proc/meminfo", "MemAvailable:") << 10;
        // A container's limit is below the machine's.
        long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return limit > 0 && limit < total ? (limit, Math.Min(available, limit)) : (total, available);
    }
}
