namespace Essaim.Sqlite;

/// <summary>Logs of tasks as rows: one for each, and one for each piece.</summary>
internal static class LogRows
{
    public static TaskLogState? Find(Database database, string taskId, DateTimeOffset now)
    {
        Statement select = database.Use("SELECT length, mark FROM task_logs WHERE task_id = ?1 AND expires_at > ?2").Add(taskId).Add(now.UtcTicks);
        if (!select.Step())
            return null;
        TaskLogState state = new(select.GetInt64(0), select.GetText(1));
        select.Restart();
        return state;
    }

    public static string? Append(WriteStep step, TaskLogAppend append, TimeSpan keep)
    {
        TaskLogState? state = Find(step.Db, append.TaskId, step.Now);
        if (state?.Mark != append.Mark && state?.Mark != append.After)
            return state?.Mark;
        if (state is null)
            Delete(step, append.TaskId);
        long length = state?.Length ?? 0;
        foreach (TaskLogPiece piece in state?.Mark == append.Mark ? [] : append.Pieces)
        {
            length += piece.Bytes.Length;
            step.Db.Use("INSERT INTO task_log_pieces (task_id, ends_at, source, at, bytes) VALUES (?1, ?2, ?3, ?4, ?5)")
                .Add(append.TaskId).Add(length).Add((long)piece.Source).Add(piece.At.UtcTicks).Add(piece.Bytes.Span).Run();
        }

        step.Db.Use(
            """
            INSERT INTO task_logs (task_id, length, mark, expires_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET length = excluded.length, mark = excluded.mark, expires_at = excluded.expires_at
            """).Add(append.TaskId).Add(length).Add(append.Mark).Add((step.Now + keep).UtcTicks).Run();
        // Wakes readers of logs, too.
        step.News.Events = true;
        return append.Mark;
    }

    public static List<TaskLogPiece> Read(Database database, string taskId, long from, int max, DateTimeOffset now)
    {
        List<TaskLogPiece> pieces = [];
        if (Find(database, taskId, now) is null)
            return pieces;
        Statement select = database.Use("SELECT ends_at, source, at, bytes FROM task_log_pieces WHERE task_id = ?1 AND ends_at > ?2 ORDER BY ends_at LIMIT ?3")
            .Add(taskId).Add(from).Add(max);
        while (select.Step())
        {
            byte[] bytes = select.GetBytes(3);
            TaskLogPiece piece = new((TaskLogSource)select.GetInt32(1), new DateTimeOffset(select.GetInt64(2), TimeSpan.Zero), bytes) { Offset = select.GetInt64(0) - bytes.Length };
            pieces.Add(LogPieces.From(piece, from));
        }

        return pieces;
    }

    /// <summary>Removes those whose time is over, a hundred of them. Returns how many.</summary>
    public static int Sweep(WriteStep step)
    {
        List<string> expired = [];
        Statement select = step.Db.Use("SELECT task_id FROM task_logs WHERE expires_at <= ?1 LIMIT 100").Add(step.Now.UtcTicks);
        while (select.Step())
            expired.Add(select.GetText(0));
        foreach (string taskId in expired)
            Delete(step, taskId);
        return expired.Count;
    }

    private static void Delete(WriteStep step, string taskId)
    {
        step.Db.Use("DELETE FROM task_log_pieces WHERE task_id = ?1").Add(taskId).Run();
        step.Db.Use("DELETE FROM task_logs WHERE task_id = ?1").Add(taskId).Run();
    }
}
