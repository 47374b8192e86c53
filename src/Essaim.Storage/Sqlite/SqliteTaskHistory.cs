namespace Essaim.Storage.Sqlite;

internal sealed class SqliteTaskHistory(GroupWriter writer, ReaderPool readers) : ITaskHistory
{
    /// <summary>Tasks removed in one transaction, so that recording never waits long for pruning.</summary>
    private const int PruneStep = 500;

    public ValueTask<IReadOnlyList<string>> RecordAsync(HistoryBatch batch, CancellationToken cancellationToken) => writer.WriteAsync<IReadOnlyList<string>>(
        session =>
        {
            TaskRows rows = new(session);
            foreach (TaskChange change in batch.Tasks)
                rows.Apply(change);
            rows.Save();
            SqliteWorkerDirectory.Record(session, batch.Workers);
            if (batch.Cursor is { } cursor)
            {
                session.Execute(
                    "INSERT INTO cursor VALUES ($source, $position) ON CONFLICT (source) DO UPDATE SET position = $position",
                    ("$source", cursor.Source),
                    ("$position", cursor.Position));
            }

            return rows.Touched;
        },
        durable: false,
        cancellationToken);

    public ValueTask<long?> GetCursorAsync(string source, CancellationToken cancellationToken) => readers.ReadAsync(
        session => (long?)session.Scalar("SELECT position FROM cursor WHERE source = $source", ("$source", source)), cancellationToken);

    public ValueTask<TaskRecord?> GetAsync(string tenant, string taskId, CancellationToken cancellationToken) =>
        readers.ReadAsync(session => TaskRows.Load(session, tenant, taskId), cancellationToken);

    public ValueTask<TaskPage> ListAsync(TaskQuery query, CancellationToken cancellationToken) =>
        readers.ReadAsync(session => TaskListing.Read(session, query), cancellationToken);

    public ValueTask<IReadOnlyList<TaskEntry>> GetEntriesAsync(string tenant, string taskId, long after, int max, CancellationToken cancellationToken) =>
        readers.ReadAsync<IReadOnlyList<TaskEntry>>(
            session => session.Many(
                """
                SELECT e.sequence, e.kind, e.at, e.data FROM task t JOIN task_entry e ON e.task = t.number
                WHERE t.tenant = $tenant AND t.id = $id AND e.sequence > $after ORDER BY e.sequence LIMIT $max
                """,
                row => new TaskEntry(row.GetInt64(0), (TaskEntryKind)row.GetInt32(1), row.Instant(2), row.Json(3)),
                ("$tenant", tenant),
                ("$id", taskId),
                ("$after", after),
                ("$max", max)),
            cancellationToken);

    public async ValueTask<int> PruneAsync(HistoryRetention retention, DateTimeOffset now, CancellationToken cancellationToken)
    {
        int removed = 0;
        for (int step = PruneStep; step == PruneStep; removed += step)
            step = await writer.WriteAsync(session => PruneSome(session, retention, now), durable: false, cancellationToken);
        return removed;
    }

    private static int PruneSome(SqliteSession session, HistoryRetention retention, DateTimeOffset now)
    {
        List<long> doomed = session.Many(
            "SELECT number FROM task WHERE changed_at < $before ORDER BY changed_at LIMIT $step",
            row => row.GetInt64(0),
            ("$before", SqliteText.ToMicros(now - retention.MaxAge)),
            ("$step", PruneStep));
        if (doomed.Count == 0)
        {
            long excess = (long)session.Scalar("SELECT count(*) FROM task")! - retention.MaxTasks;
            doomed = session.Many(
                "SELECT number FROM task WHERE finished_at IS NOT NULL ORDER BY changed_at LIMIT $step",
                row => row.GetInt64(0),
                ("$step", Math.Clamp(excess, 0, PruneStep)));
        }

        foreach (long number in doomed)
        {
            session.Execute("DELETE FROM task_entry WHERE task = $number", ("$number", number));
            session.Execute("DELETE FROM task WHERE number = $number", ("$number", number));
        }

        return doomed.Count;
    }
}
