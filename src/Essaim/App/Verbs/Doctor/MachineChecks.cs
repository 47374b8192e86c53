using System.Globalization;
using System.Runtime.InteropServices;

namespace Essaim;

/// <summary>The machine and its system: runtime, SDK, cores and memory, clock, disk, limits.</summary>
internal static class MachineChecks
{
    private const long MegaByte = 1024 * 1024;

    public static DoctorFinding Runtime() => new("runtime", DoctorStatus.Ok, $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}");

    public static DoctorFinding Sdk() => ToolChecks.Find("dotnet") is { } path
        ? new DoctorFinding("sdk", DoctorStatus.Ok, path)
        : new DoctorFinding("sdk", DoctorStatus.Warn, "dotnet is not in PATH", "only building needs it: https://dotnet.microsoft.com/download");

    public static DoctorFinding Machine()
    {
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MegaByte;
        string detail = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {memory} MB memory");
        return memory < 256
            ? new DoctorFinding("machine", DoctorStatus.Warn, detail, "little memory: use worker --pool threads")
            : new DoctorFinding("machine", DoctorStatus.Ok, detail);
    }

    public static DoctorFinding Clock()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        DateTime built = File.GetLastWriteTimeUtc(Environment.ProcessPath ?? AppContext.BaseDirectory);
        string detail = TimeText.Show(now);
        return now < built.AddDays(-1)
            ? new DoctorFinding("clock", DoctorStatus.Fail, $"{detail}, before this program was built", "set the clock, or let NTP do it: timedatectl set-ntp true")
            : new DoctorFinding("clock", DoctorStatus.Ok, detail);
    }

    public static DoctorFinding Disk(string folder)
    {
        long free = new DriveInfo(folder).AvailableFreeSpace / MegaByte;
        string detail = string.Create(CultureInfo.InvariantCulture, $"{free} MB free at {folder}");
        return free switch
        {
            < 50 => new DoctorFinding("disk", DoctorStatus.Fail, detail, "free some space: the broker refuses work on a full disk"),
            < 500 => new DoctorFinding("disk", DoctorStatus.Warn, detail, "free some space soon"),
            _ => new DoctorFinding("disk", DoctorStatus.Ok, detail),
        };
    }

    public static DoctorFinding Inotify()
    {
        const string file = "/proc/sys/fs/inotify/max_user_instances";
        if (!File.Exists(file) || !int.TryParse(File.ReadAllText(file), NumberStyles.Integer, CultureInfo.InvariantCulture, out int limit))
            return new DoctorFinding("inotify", DoctorStatus.Ok, "not used on this system");
        string detail = string.Create(CultureInfo.InvariantCulture, $"{limit} instances a user");
        return limit < 64
            ? new DoctorFinding("inotify", DoctorStatus.Warn, detail, "many processes on one broker file need more: sysctl fs.inotify.max_user_instances=128")
            : new DoctorFinding("inotify", DoctorStatus.Ok, detail);
    }
}
