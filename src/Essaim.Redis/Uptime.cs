using System.Runtime.InteropServices;

namespace Essaim.Redis;

/// <summary>Time since the machine was started, sleep included: nobody sets it, and a laptop that was closed has not lost any.</summary>
internal static partial class Uptime
{
    private const int BootTime = 7;

    [StructLayout(LayoutKind.Sequential)]
    private struct Instant
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    /// <summary>In ticks of 100 ns.</summary>
    public static long Ticks() => OperatingSystem.IsLinux() && clock_gettime(BootTime, out Instant now) == 0
        ? now.Seconds * TimeSpan.TicksPerSecond + now.Nanoseconds / TimeSpan.NanosecondsPerTick
        : TimeProvider.System.GetElapsedTime(0).Ticks;

#pragma warning disable IDE1006 // Named as in libc.
    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out Instant now);
#pragma warning restore IDE1006
}
