namespace Essaim.Edge;

/// <summary>Where a journal lies.</summary>
internal interface IJournalDisk
{
    /// <summary>All bytes of the file, or null where there is none.</summary>
    byte[]? Read(string path);

    /// <summary>Puts a file in the place of another, or of none: after a power cut there is the one or the other, whole.</summary>
    void Replace(string path, ReadOnlySpan<byte> content);

    IJournalFile OpenForAppend(string path);

    /// <summary>Keeps bytes beside the file under a name nothing has; that name.</summary>
    string KeepCopy(string path, ReadOnlySpan<byte> content);
}

/// <summary>An open journal.</summary>
internal interface IJournalFile : IDisposable
{
    /// <summary>Writes at the end; with <paramref name="isSynced"/> it is on the disk when this returns.</summary>
    void Append(ReadOnlySpan<byte> bytes, bool isSynced);

    /// <summary>Cuts the file to this length, on the disk, too.</summary>
    void Cut(long length);
}
