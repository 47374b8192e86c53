namespace MusicLibrary;

/// <summary>A file as it was when it was last looked at; a task that finds it otherwise leaves it to the next look.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Last write, in ticks of 100 ns (UTC).</param>
internal sealed record FileRef(string Path, long Size, long Modified)
{
    /// <summary>The file as it is now, or null where it is gone.</summary>
    public static FileRef? Look(string path)
    {
        FileInfo info = new(path);
        if (info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            info = target;
        return info.Exists ? new FileRef(path, info.Length, info.LastWriteTimeUtc.Ticks) : null;
    }
}
