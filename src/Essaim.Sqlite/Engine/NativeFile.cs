using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Essaim.Sqlite;

/// <summary>Syncing data without metadata, which .NET has no door to.</summary>
internal static partial class NativeFile
{
    private const int Interrupted = 4;

    /// <summary>Returns when what was written to the file is on the disk.</summary>
    /// <exception cref="IOException">The disk says no.</exception>
    public static void Sync(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        while (fdatasync(file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                throw new IOException($"fdatasync: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);
}
