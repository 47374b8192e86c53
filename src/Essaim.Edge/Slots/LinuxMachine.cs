using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Essaim.Edge;

/// <summary>A machine with Linux.</summary>
internal sealed unsafe partial class LinuxMachine : ISlotMachine
{
    private const int ClockIsUnsynchronised = 5;
    private const int LargestTimex = 512;

    public string Boot { get; } = ReadText("/proc/sys/kernel/random/boot_id") is { Length: >= 8 } id ? id[..8] : "00000000";

    public bool IsClockSynchronised
    {
        get
        {
            if (!OperatingSystem.IsLinux())
                return false;
            // Asks, as its first field is 0, and sets nothing. The answer lies in what is returned.
            byte* timex = stackalloc byte[LargestTimex];
            new Span<byte>(timex, LargestTimex).Clear();
            int state = adjtimex(timex);
            return state is >= 0 and not ClockIsUnsynchronised;
        }
    }

    public double? Temperature =>
        int.TryParse(ReadText("/sys/class/thermal/thermal_zone0/temp"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int thousandths)
            ? Math.Round(thousandths / 1000.0, 1)
            : null;

    public string? Reboot()
    {
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo("systemctl", ["reboot"]));
            return process is null ? "systemctl does not start" : null;
        }
        catch (Win32Exception error)
        {
            return error.Message;
        }
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc")]
    private static partial int adjtimex(byte* timex);
}
