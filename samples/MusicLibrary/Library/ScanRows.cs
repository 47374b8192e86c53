namespace MusicLibrary;

/// <summary>The book-keeping of scans: which one runs over a folder, and what it met. Survives the loss of the broker's file.</summary>
internal static class ScanRows
{
    public const string Walking = "walking";
    public const string Walked = "walked";
    public const string Tidied = "tidied";
    public const string Done = "done";

    /// <summary>Begins a scan of a folder, or takes up the one that was not brought to its end.</summary>
    public static (string Id, bool Resumed) Begin(SqlSession session, string root, string newId)
    {
        (string Id, string State)? running = session.Query(
            "SELECT id, state FROM scans WHERE root = @root", row => ((string, string)?)(row.GetString(0), row.GetString(1)), ("@root", root)).FirstOrDefault();
        if (running is { State: not Done })
        {
            session.Run("UPDATE scans SET state = @state WHERE root = @root", ("@state", Walking), ("@root", root));
            return (running.Value.Id, true);
        }

        if (running is not null)
            session.Run("DELETE FROM sightings WHERE scan = @scan", ("@scan", running.Value.Id));
        session.Run("INSERT OR REPLACE INTO scans (root, id, state) VALUES (@root, @id, @state)", ("@root", root), ("@id", newId), ("@state", Walking));
        return (newId, false);
    }

    /// <summary>Takes a scan one step on; nothing where it is not at the step before (a late or second run of the same task).</summary>
    public static void Advance(SqlSession session, string scan, string from, string to) => session.Run(
        "UPDATE scans SET state = @to WHERE id = @id AND state = @from", ("@to", to), ("@id", scan), ("@from", from));

    public static void AddRemoved(SqlSession session, string scan, int removed) =>
        session.Run("UPDATE scans SET removed = removed + @removed WHERE id = @id", ("@removed", removed), ("@id", scan));

    /// <summary>Remembers what a file was when this scan first met it; a second walk of the same scan does not make it unchanged.</summary>
    public static void See(SqlSession session, string scan, string path, SightingKind kind) => session.Run(
        """
        INSERT INTO sightings (scan, path, kind) VALUES (@scan, @path, @kind)
        ON CONFLICT (scan, path) DO UPDATE SET kind = @kind WHERE @kind <> 'Unchanged'
        """,
        ("@scan", scan), ("@path", path), ("@kind", kind.ToString()));
}

/// <summary>What a file is to a scan.</summary>
internal enum SightingKind
{
    New,
    Changed,
    Unchanged,
    Problem,
}
