using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Essaim.Sqlite;

/// <summary>
/// Processes that want to write wait for their turn in the kernel and are woken at once, where SQLite's own busy handler would sleep
/// between its tries. Only on Linux; elsewhere the busy handler is enough, only slower. A killed process loses its turn at once.
/// </summary>
internal sealed partial class Turn : IDisposable
{
    private const int ReadWriteCreateCloseOnExec = 0x2 | 0x40 | 0x80000;
    private const int Everybody = 0x1B6; // 0666, less the umask.
    private const int Exclusive = 2;
    private const int Unlock = 8;
    private const int Interrupted = 4;
    private readonly SafeFileHandle? _file;

    /// <summary>Opens the lock file, making it where it is missing.</summary>
    /// <exception cref="BackendException">It cannot be opened.</exception>
    public Turn(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;

        // .NET's own opening takes a lock of the same kind, and fails where another process has its turn.
        int descriptor = open(path, ReadWriteCreateCloseOnExec, Everybody);
        if (descriptor < 0)
        {
            string why = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
            throw new BackendException(
                SqliteFault.BadFolder, $"{path} cannot be opened: {why}. Give this user the right to read and write the folder, or name another file.");
        }

        _file = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Waits for the turn.</summary>
    public void Take()
    {
        while (_file is not null && flock(_file, Exclusive) != 0 && Marshal.GetLastPInvokeError() == Interrupted)
        {
            // A signal came; wait again. A file system without locks is no reason to fail.
        }
    }

    public void Release()
    {
        if (_file is not null)
            _ = flock(_file, Unlock);
    }

    public void Dispose() => _file?.Dispose();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);
}
