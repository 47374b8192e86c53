namespace MusicLibrary;

/// <summary>What a walk met: a music file, or a place that cannot be read, with the reason.</summary>
/// <param name="File">The file; size -1 where there is a problem.</param>
/// <param name="Problem">Why it cannot be read; null for a file.</param>
internal readonly record struct WalkEntry(FileRef File, string? Problem)
{
    public static WalkEntry Unreadable(string path, string problem) => new(new FileRef(path, -1, 0), problem);
}
