using System.Runtime.InteropServices;

namespace Essaim.Edge;

/// <summary>The real kernel, by five functions of the C library.</summary>
internal sealed unsafe partial class LibcGpioKernel : IGpioKernel
{
    private const int ReadWriteCloseOnExec = 0x80002;
    private const short PollIn = 1;

    public IReadOnlyList<string> Chips() => Directory.Exists("/dev") ? [.. Directory.EnumerateFiles("/dev", "gpiochip*").Order(StringComparer.Ordinal)] : [];

    public int Open(string path) => Result(open(path, ReadWriteCloseOnExec));

    public int Control(int descriptor, uint request, void* argument) => Result(ioctl(descriptor, request, argument));

    public int Read(int descriptor, Span<byte> target)
    {
        fixed (byte* start = target)
            return Result((int)read(descriptor, start, (nuint)target.Length));
    }

    public int Poll(int descriptor, int milliseconds)
    {
        PollEntry entry = new() { Descriptor = descriptor, Events = PollIn };
        int got = Result(poll(&entry, 1, milliseconds));
        // Anything but data is an end: the chip was taken away.
        return got > 0 && (entry.Returned & PollIn) == 0 ? -NoDevice : got;
    }

    public void Close(int descriptor) => _ = close(descriptor);

    public string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    internal const int NoDevice = 19;

    private static int Result(int returned) => returned < 0 ? -Marshal.GetLastPInvokeError() : returned;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* target, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
