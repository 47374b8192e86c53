namespace MusicLibrary;

/// <summary>The files table: where each file stands. A step is taken only for the very file (size and time) it was done for.</summary>
internal static class FileRows
{
    private const string Same = "path = @path AND size = @size AND modified = @modified";

    /// <summary>Records a file as it is now, to be read anew.</summary>
    public static void Discover(SqlSession session, FileRef file) => session.Run(
        """
        INSERT INTO files (path, size, modified, status) VALUES (@path, @size, @modified, 'discovered')
        ON CONFLICT (path) DO UPDATE SET size = @size, modified = @modified, status = 'discovered', stage = '', reason = '', transient = 0
        """,
        Key(file));

    public static void MarkExtracted(SqlSession session, FileRef file) =>
        session.Run($"UPDATE files SET status = 'extracted' WHERE {Same} AND status = 'discovered'", Key(file));

    /// <summary>True where a track made from this file may be written: it is still the file that was read.</summary>
    public static bool IsAwaited(SqlSession session, FileRef file) =>
        session.Scalar<long>($"SELECT count(*) FROM files WHERE {Same} AND status IN ('discovered', 'extracted')", Key(file)) > 0;

    /// <summary>The next state after its track was written: done at once where audio like it was heard before.</summary>
    public static void MarkInserted(SqlSession session, FileRef file, string content) => session.Run(
        $"""
        UPDATE files SET status = iif(EXISTS (SELECT 1 FROM vectors WHERE content = @content), 'vectorised', 'inserted') WHERE {Same}
        """,
        [.. Key(file), ("@content", content)]);

    /// <summary>Ends a file that cannot be used; a track made from what it was before goes.</summary>
    public static void Fail(SqlSession session, FileRef file, string stage, string reason, bool isTransient)
    {
        int changed = session.Run(
            $"""
            UPDATE files SET status = 'failed', stage = @stage, reason = @reason, transient = @transient
            WHERE {Same} AND status IN ('discovered', 'extracted')
            """,
            [.. Key(file), ("@stage", stage), ("@reason", reason), ("@transient", isTransient)]);
        if (changed > 0)
            TrackRows.Remove(session, file.Path);
    }

    /// <summary>Records a place the walk could not read.</summary>
    public static void Refuse(SqlSession session, WalkEntry entry)
    {
        session.Run(
            """
            INSERT INTO files (path, size, modified, status, stage, reason) VALUES (@path, -1, 0, 'failed', 'discovery', @reason)
            ON CONFLICT (path) DO UPDATE SET size = -1, modified = 0, status = 'failed', stage = 'discovery', reason = @reason, transient = 0
            """,
            ("@path", entry.File.Path), ("@reason", entry.Problem));
        TrackRows.Remove(session, entry.File.Path);
    }

    private static (string, object?)[] Key(FileRef file) => [("@path", file.Path), ("@size", file.Size), ("@modified", file.Modified)];
}
