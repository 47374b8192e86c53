namespace MusicLibrary;

/// <summary>Finds the track a person means.</summary>
internal static class TrackSearch
{
    private const int Most = 20;

    /// <summary>Paths that fit: the path itself, else a whole title, else a part of title or path. At most 20.</summary>
    public static List<string> Find(SqlSession session, string name)
    {
        string[] conditions =
            ["path = @full", "lower(title) = lower(@name)", "instr(lower(title), lower(@name)) OR instr(lower(path), lower(@name))"];
        foreach (string condition in conditions)
        {
            List<string> found = session.Query(
                $"SELECT path FROM tracks WHERE {condition} ORDER BY path LIMIT {Most}", row => row.GetString(0),
                ("@full", Path.GetFullPath(name)), ("@name", name));
            if (found.Count > 0)
                return found;
        }

        return [];
    }
}
