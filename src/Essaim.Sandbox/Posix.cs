using System.Runtime.InteropServices;

namespace Essaim.Sandbox;

/// <summary>The few calls of the operating system that .NET does not offer.</summary>
internal static partial class Posix
{
    // The shim's: look whether you have become a run.
    public const int SigHup = 1;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    // The shim's own: cancel with the grace, cancel at once. The numbers are those of x86-64 and arm64.
    public const int SigUser1 = 10;
    public const int SigUser2 = 12;

    /// <summary>Sends a signal. False where there is no such process, or it is not ours.</summary>
    public static bool Kill(int processId, int signal) => processId > 0 && kill(processId, signal) == 0;

#pragma warning disable IDE1006, SYSLIB1054 // Named as in libc.
    [LibraryImport("libc")]
    private static partial int kill(int processId, int signal);
#pragma warning restore IDE1006, SYSLIB1054
}
