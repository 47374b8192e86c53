using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>Stored results and groups.</summary>
internal static class ResultRows
{
    /// <summary>Stores, unless a ready state is there.</summary>
    public static void Store(WriteStep step, ResultWrite write)
    {
        int stored = step.Db.Use(
            """
            INSERT INTO results (id, task_id, is_ready, expires_at, document) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (task_id) DO UPDATE SET id = excluded.id, is_ready = excluded.is_ready, expires_at = excluded.expires_at, document = excluded.document
            WHERE results.is_ready = 0 OR results.expires_at <= ?6
            """)
            .Add(step.NextNumber())
            .Add(write.TaskId)
            .Add(write.State.IsReady ? 1L : 0L)
            .Add((step.Now + write.ExpiresAfter)?.UtcTicks)
            .Add(write.Document.Span)
            .Add(step.Now.UtcTicks)
            .RunCounting();
        if (stored > 0)
            step.News.Results.Add(write.TaskId);
    }

    public static void Forget(WriteStep step, string taskId) => step.Db.Use("DELETE FROM results WHERE task_id = ?1").Add(taskId).Run();

    public static void SaveGroup(WriteStep step, string groupId, RawJson structure, TimeSpan? expiresAfter) =>
        step.Db.Use(
            """
            INSERT INTO groups (id, expires_at, structure) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at, structure = excluded.structure
            """).Add(groupId).Add((step.Now + expiresAfter)?.UtcTicks).Add(structure.Utf8.Span).Run();

    /// <summary>The stored document and its version, or null.</summary>
    public static (long Version, ResultDocument Document)? Read(Database database, string taskId, DateTimeOffset now)
    {
        Statement select = database.Use(
            "SELECT id, document FROM results WHERE task_id = ?1 AND (expires_at IS NULL OR expires_at > ?2)").Add(taskId).Add(now.UtcTicks);
        if (!select.Step())
            return null;
        long version = select.GetInt64(0);
        byte[] document = select.GetBytes(1);
        select.Restart();
        return (version, ResultDocument.Decode(document));
    }

    public static RawJson? ReadGroup(Database database, string groupId, DateTimeOffset now)
    {
        Statement select = database.Use(
            "SELECT structure FROM groups WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)").Add(groupId).Add(now.UtcTicks);
        if (!select.Step())
            return null;
        RawJson structure = new(select.GetBytes(0));
        select.Restart();
        return structure;
    }

    /// <summary>Version of the newest result.</summary>
    public static long ReadLastVersion(Database database) => database.Use("SELECT max(id) FROM results").ReadNumber() ?? 0;

    /// <summary>Tasks whose results changed after a version, oldest first.</summary>
    public static List<(long Version, string TaskId)> ReadChanges(Database database, long version)
    {
        List<(long, string)> changes = [];
        Statement select = database.Use("SELECT id, task_id FROM results WHERE id > ?1 ORDER BY id LIMIT 1000").Add(version);
        while (select.Step())
            changes.Add((select.GetInt64(0), select.GetText(1)));
        return changes;
    }
}
