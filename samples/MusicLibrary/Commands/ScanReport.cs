namespace MusicLibrary;

/// <summary>What a scan found and what the library holds below the folder now.</summary>
internal sealed record ScanReport
{
    public required string Root { get; init; }

    public required string Library { get; init; }

    public required long Found { get; init; }

    public required long New { get; init; }

    public required long Changed { get; init; }

    public required long Unchanged { get; init; }

    public required long Removed { get; init; }

    public required long Tracks { get; init; }

    public required long Albums { get; init; }

    public required long Covers { get; init; }

    public required long Vectors { get; init; }

    /// <summary>Files that were still on their way when the scan gave up; 0 for a scan that came to its end.</summary>
    public required long Unfinished { get; init; }

    public required IReadOnlyList<FailedFile> Failed { get; init; }

    public double ElapsedSeconds { get; init; }

    public double FilesPerSecond => ElapsedSeconds > 0 ? Math.Round(Found / ElapsedSeconds, 1) : 0;

    public static ScanReport Of(SqlSession session, string root, string library)
    {
        ScanStatus status = ScanStatus.Of(session, root);
        (string, object?)[] range = [Below.From(root), Below.To(root), ("@root", root)];
        long Count(string what) => session.Scalar<long>($"SELECT {what} FROM tracks WHERE {Below.Condition}", range);
        return new ScanReport
        {
            Root = root,
            Library = library,
            Found = status.Found,
            New = status.New,
            Changed = status.Changed,
            Unchanged = status.Unchanged,
            Unfinished = status.Unfinished,
            Removed = session.Scalar<long>("SELECT removed FROM scans WHERE root = @root", range),
            Tracks = Count("count(*)"),
            Albums = Count("count(DISTINCT album_key)"),
            Covers = Count("count(DISTINCT nullif(cover, ''))"),
            Vectors = Count("count(DISTINCT iif(content IN (SELECT content FROM vectors), content, NULL))"),
            Failed = session.Query(
                $"""
                SELECT path, stage, reason, coalesce((SELECT kind FROM sightings JOIN scans ON scan = id WHERE root = @root AND path = files.path), '') = 'Unchanged'
                FROM files WHERE status = 'failed' AND ({Below.Condition} OR path = @root)
                UNION ALL SELECT path, 'covers', cover_reason, 0 FROM tracks WHERE cover = '' AND {Below.Condition}
                ORDER BY 1, 2
                """,
                row => new FailedFile(row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3)), range),
        };
    }
}

/// <summary>A file that cannot be used, or not wholly.</summary>
/// <param name="Path">The file.</param>
/// <param name="Stage">discovery, metadata, features or covers.</param>
/// <param name="Reason">Why.</param>
/// <param name="KnownBefore">An earlier scan said so, and the file is the same.</param>
internal sealed record FailedFile(string Path, string Stage, string Reason, bool KnownBefore);
