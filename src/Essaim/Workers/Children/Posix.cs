using System.Runtime.InteropServices;

namespace Essaim;

/// <summary>The few calls of the operating system that .NET does not offer.</summary>
internal static partial class Posix
{
    public const short PollIn = 0x1;
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int NoSignal = 0;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>Programs started from here on do not get this descriptor.</summary>
    public static void KeepFromChildren(int descriptor) => _ = fcntl(descriptor, SetDescriptorFlags, CloseOnExec);

    /// <summary>Leaves the terminal and the parent's process group, so that Ctrl-C does not reach us and one kill reaches all we start.</summary>
    public static void StartOwnGroup() => _ = setsid();

    /// <summary>Kills the group a child leads; the child alone where it has not come so far as to lead one.</summary>
    public static void KillGroup(int processId)
    {
        if (kill(-processId, SigKill) != 0)
            _ = kill(processId, SigKill);
    }

    /// <summary>Kills what is left of the group of a child that has ended: the group's number is nobody else's as long as one of it is there.</summary>
    public static void KillRest(int groupId) => _ = kill(-groupId, SigKill);

    /// <summary>Asks the group a child leads to end (SIGTERM).</summary>
    public static void TerminateGroup(int processId) => _ = kill(-processId, SigTerm);

    /// <summary>True while a process of the group is there.</summary>
    public static bool GroupExists(int groupId) => kill(-groupId, NoSignal) == 0;

    /// <summary>Ends this process at once, without a word to the runtime. Does not return.</summary>
    public static void Exit(int code) => _exit(code);

    /// <summary>Kills this process and, where it leads its group, all it started. Does not return.</summary>
    public static void KillOwnGroup()
    {
        _ = kill(getpgrp() == Environment.ProcessId ? 0 : Environment.ProcessId, SigKill);
    }

    /// <summary>Waits until one of <paramref name="descriptors"/> can be read or has been closed by its writer. Interrupted calls return.</summary>
    /// <param name="descriptors">What to look at; the answer stands in <see cref="PollDescriptor.Returned"/>.</param>
    /// <param name="milliseconds">-1: for ever.</param>
    public static bool Poll(Span<PollDescriptor> descriptors, int milliseconds) =>
        poll(ref MemoryMarshal.GetReference(descriptors), (nuint)descriptors.Length, milliseconds) > 0;

    /// <summary>Sleeps for less than .NET can.</summary>
    public static void Nap(int microseconds) => _ = usleep((uint)microseconds);

    /// <summary>What this process has used, as <c>getrusage</c> lays it out where numbers have 64 bits: 18 of them.</summary>
    public static bool TryGetUsage(Span<long> usage) => usage.Length >= 18 && getrusage(0, ref MemoryMarshal.GetReference(usage)) == 0;

    /// <summary>Has the C library give free pages of its heap back. Nothing where it is not glibc.</summary>
    public static void TrimHeap()
    {
        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl keeps next to nothing.
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // Named as in libc.
    [LibraryImport("libc")]
    private static partial int kill(int processId, int signal);

    [LibraryImport("libc")]
    private static partial void _exit(int code);

    [LibraryImport("libc")]
    private static partial int setsid();

    [LibraryImport("libc")]
    private static partial int getpgrp();

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc")]
    private static partial int poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [LibraryImport("libc")]
    private static partial int usleep(uint microseconds);

    [LibraryImport("libc")]
    private static partial int getrusage(int who, ref long usage);

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint kept);
#pragma warning restore IDE1006, SYSLIB1054
}
