namespace MusicLibrary;

/// <summary>How far a scan is, read from the library.</summary>
/// <param name="State">Where the scan itself stands; see <see cref="ScanRows"/>.</param>
/// <param name="New">Files met for the first time.</param>
/// <param name="Changed">Files that are not what they were.</param>
/// <param name="Unchanged">Files known as they are.</param>
/// <param name="Unfinished">Files on their way.</param>
/// <param name="Extras">Pictures not taken out, and tracks without a guessed title.</param>
internal sealed record ScanStatus(string State, long New, long Changed, long Unchanged, long Unfinished, long Extras)
{
    public long Found => New + Changed + Unchanged;

    public bool IsComplete => State is ScanRows.Tidied or ScanRows.Done && Unfinished == 0 && Extras == 0;

    public static ScanStatus Of(SqlSession session, string root)
    {
        (string, object?) from = Below.From(root), to = Below.To(root);
        (string scan, string state) = session.Query(
            "SELECT id, state FROM scans WHERE root = @root", row => (row.GetString(0), row.GetString(1)), ("@root", root)).Single();
        Dictionary<string, long> kinds = session.Query(
            "SELECT kind, count(*) FROM sightings WHERE scan = @scan GROUP BY kind", row => (row.GetString(0), row.GetInt64(1)), ("@scan", scan))
            .ToDictionary(pair => pair.Item1, pair => pair.Item2);
        return new ScanStatus(
            state, kinds.GetValueOrDefault("New"), kinds.GetValueOrDefault("Changed"), kinds.GetValueOrDefault("Unchanged"),
            session.Scalar<long>($"SELECT count(*) FROM files WHERE {Below.Condition} AND status IN ('discovered', 'extracted', 'inserted')", from, to),
            session.Scalar<long>(
                $"SELECT count(*) FROM tracks WHERE {Below.Condition} AND (tags = 'missing' OR (art_stream IS NOT NULL AND cover IS NULL))", from, to));
    }
}
