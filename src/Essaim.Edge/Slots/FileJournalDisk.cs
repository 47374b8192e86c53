using System.Globalization;
using System.Runtime.InteropServices;

namespace Essaim.Edge;

/// <summary>A real disk. A file that was made or renamed is there for good only when its folder was synced, too.</summary>
internal sealed partial class FileJournalDisk : IJournalDisk
{
    private const int ReadOnlyFolder = 0x90000;

    public byte[]? Read(string path) => File.Exists(path) ? File.ReadAllBytes(path) : null;

    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        string fresh = path + ".new";
        using (FileStream file = new(fresh, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
        SyncFolder(path);
    }

    public IJournalFile OpenForAppend(string path) => new JournalFile(new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0));

    public string KeepCopy(string path, ReadOnlySpan<byte> content)
    {
        int number = 1;
        while (File.Exists(CopyName(path, number)))
            number++;
        using (FileStream file = new(CopyName(path, number), FileMode.CreateNew))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        SyncFolder(path);
        return CopyName(path, number);
    }

    private static string CopyName(string path, int number) => string.Create(CultureInfo.InvariantCulture, $"{path}.damaged-{number}");

    private static void SyncFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        int descriptor = open(folder, ReadOnlyFolder);
        if (descriptor < 0)
            throw new IOException($"The folder '{folder}' cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}.");
        int failed = fsync(descriptor);
        string why = Marshal.GetLastPInvokeErrorMessage();
        _ = close(descriptor);
        if (failed != 0)
            throw new IOException($"The folder '{folder}' cannot be synced: {why}.");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    private sealed class JournalFile(FileStream file) : IJournalFile
    {
        public void Append(ReadOnlySpan<byte> bytes, bool isSynced)
        {
            file.Seek(0, SeekOrigin.End);
            file.Write(bytes);
            if (isSynced)
                file.Flush(flushToDisk: true);
        }

        public void Cut(long length)
        {
            file.SetLength(length);
            file.Flush(flushToDisk: true);
        }

        public void Dispose() => file.Dispose();
    }
}
