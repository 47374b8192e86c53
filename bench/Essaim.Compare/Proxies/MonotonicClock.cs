using System.Runtime.InteropServices;

namespace Essaim.Compare;

/// <summary>Waits to an instant of <c>CLOCK_MONOTONIC</c> to some 50 µs, where .NET's timers are good to a millisecond or two.</summary>
internal static partial class MonotonicClock
{
    private const int Monotonic = 1;
    private const int Absolute = 1;
    private const long PerSecond = 1_000_000_000;

    /// <param name="nanoseconds">As <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> counts on Linux.</param>
    public static void WaitUntil(long nanoseconds)
    {
        Instant instant = new() { Seconds = (nint)(nanoseconds / PerSecond), Nanoseconds = (nint)(nanoseconds % PerSecond) };
        _ = clock_nanosleep(Monotonic, Absolute, ref instant, 0);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Instant
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

#pragma warning disable IDE1006, SYSLIB1054 // Named as in libc.
    [LibraryImport("libc")]
    private static partial int clock_nanosleep(int clock, int flags, ref Instant request, nint remaining);
#pragma warning restore IDE1006, SYSLIB1054
}
