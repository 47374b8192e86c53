namespace MusicLibrary;

/// <summary>Tells what a walk met from what the library knows: by path, size and time.</summary>
internal static class ChangeDetection
{
    /// <summary>Records what was met; returns the files that must be read (new, changed, or not finished by an earlier scan).</summary>
    public static List<FileRef> Record(SqlSession session, string scan, IReadOnlyList<WalkEntry> met, bool retryFailed)
    {
        List<FileRef> wanted = [];
        foreach (WalkEntry entry in met)
        {
            if (entry.Problem is not null)
            {
                FileRows.Refuse(session, entry);
                ScanRows.See(session, scan, entry.File.Path, SightingKind.Problem);
                continue;
            }

            Known? known = Find(session, entry.File.Path);
            SightingKind kind = known is null ? SightingKind.New : known.File == entry.File ? SightingKind.Unchanged : SightingKind.Changed;
            ScanRows.See(session, scan, entry.File.Path, kind);
            bool again = known is { Status: "failed" } && (retryFailed || known.IsTransient);
            if (kind != SightingKind.Unchanged || again)
                FileRows.Discover(session, entry.File);
            if (kind != SightingKind.Unchanged || again || known!.Status is "discovered" or "extracted")
                wanted.Add(entry.File);
        }

        return wanted;
    }

    private static Known? Find(SqlSession session, string path) => session.Query(
        "SELECT size, modified, status, transient FROM files WHERE path = @path",
        row => new Known(new FileRef(path, row.GetInt64(0), row.GetInt64(1)), row.GetString(2), row.GetBoolean(3)),
        ("@path", path)).FirstOrDefault();

    private sealed record Known(FileRef File, string Status, bool IsTransient);
}
