namespace Essaim.Edge.Tests;

/// <summary>A disk that can be full, and that forgets in a power cut what was not synced.</summary>
internal sealed class MemoryDisk : IJournalDisk
{
    private readonly Dictionary<string, byte[]> _files = [];

    /// <summary>Bytes that are on the disk for good.</summary>
    private readonly Dictionary<string, int> _synced = [];

    /// <summary>The next write fails after so many bytes.</summary>
    public int? FailAfter { get; set; }

    public int Syncs { get; private set; }

    public byte[] Bytes(string path) => _files[path];

    public void Set(string path, ReadOnlySpan<byte> bytes) => (_files[path], _synced[path]) = (bytes.ToArray(), bytes.Length);

    public IReadOnlyCollection<string> Names => _files.Keys;

    /// <summary>Power is cut: of what was not synced a part may have reached the disk.</summary>
    public void CutPower(Random random)
    {
        foreach (string path in _files.Keys.ToList())
            Set(path, _files[path].AsSpan(0, random.Next(_synced[path], _files[path].Length + 1)));
    }

    public byte[]? Read(string path) => _files.GetValueOrDefault(path);

    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        Set(path, content);
        Syncs++;
    }

    public IJournalFile OpenForAppend(string path) => new Opened(this, path);

    public string KeepCopy(string path, ReadOnlySpan<byte> content)
    {
        Set(path + ".damaged-1", content);
        return path + ".damaged-1";
    }

    private sealed class Opened(MemoryDisk disk, string path) : IJournalFile
    {
        public void Append(ReadOnlySpan<byte> bytes, bool isSynced)
        {
            int written = Math.Min(bytes.Length, disk.FailAfter ?? bytes.Length);
            disk._files[path] = [.. disk._files[path], .. bytes[..written]];
            if (disk.FailAfter is not null)
                throw new IOException("No space left on device");
            if (!isSynced)
                return;
            disk._synced[path] = disk._files[path].Length;
            disk.Syncs++;
        }

        public void Cut(long length)
        {
            disk.Set(path, disk._files[path].AsSpan(0, (int)length));
            disk.Syncs++;
        }

        public void Dispose()
        {
        }
    }
}
