namespace Essaim.Storage.Sqlite;

internal sealed class SqliteWorkerDirectory(ReaderPool readers) : IWorkerDirectory
{
    public ValueTask<IReadOnlyList<WorkerRecord>> ListAsync(DateTimeOffset since, CancellationToken cancellationToken) => readers.ReadAsync<IReadOnlyList<WorkerRecord>>(
        session => session.Many(
            "SELECT node, first_seen, last_seen, offline, facts FROM worker WHERE last_seen >= $since ORDER BY node",
            row => new WorkerRecord(row.GetString(0), row.Instant(1), row.Instant(2), row.GetBoolean(3), row.Json(4)),
            ("$since", SqliteText.ToMicros(since))),
        cancellationToken);

    /// <summary>Records sightings inside the history's transaction. An older one than what is known changes nothing. A short heartbeat, which has no counts, adds to what is known.</summary>
    public static void Record(SqliteSession session, IReadOnlyList<WorkerSighting> sightings)
    {
        foreach (WorkerSighting sighting in sightings)
        {
            session.Execute(
                """
                INSERT INTO worker (node, first_seen, last_seen, offline, facts) VALUES ($node, $at, $at, $offline, $facts)
                ON CONFLICT (node) DO UPDATE SET last_seen = $at, offline = $offline,
                    facts = CASE WHEN json_extract($facts, '$.processed') IS NULL THEN json_patch(facts, $facts) ELSE $facts END
                WHERE last_seen <= $at
                """,
                ("$node", sighting.Node),
                ("$at", SqliteText.ToMicros(sighting.At)),
                ("$offline", sighting.Offline ? 1 : 0),
                ("$facts", sighting.Facts.ToString()));
        }
    }
}
