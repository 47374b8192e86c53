namespace MusicLibrary;

/// <summary>Rows whose file is gone.</summary>
internal static class OrphanRows
{
    /// <summary>Paths below a folder whose file is gone, and places that could not be read before and were not met by this scan.</summary>
    public static List<string> Find(SqlSession session, string root, string scan)
    {
        List<(string Path, bool IsPlace)> known = session.Query(
            $"""
            SELECT path, size = -1 FROM files WHERE {Below.Condition} AND path NOT IN (SELECT path FROM sightings WHERE scan = @scan)
            """,
            row => (row.GetString(0), row.GetBoolean(1)), Below.From(root), Below.To(root), ("@scan", scan));
        // What lies below a folder that could not be listed this time is not gone for that.
        List<string> unlisted = session.Query(
            "SELECT path FROM sightings WHERE scan = @scan AND kind = 'Problem'", row => row.GetString(0), ("@scan", scan));
        return
        [
            .. known.Where(file => file.IsPlace || !File.Exists(file.Path)).Select(file => file.Path)
                .Where(path => !unlisted.Exists(folder => RealPath.IsInside(path, folder))),
        ];
    }

    public static void Remove(SqlSession session, string path)
    {
        TrackRows.Remove(session, path);
        session.Run("DELETE FROM files WHERE path = @path", ("@path", path));
    }
}
