namespace Essaim.Sqlite;

/// <summary>Tasks that were revoked before they were claimed.</summary>
internal static class RevokedMarks
{
    public static void Mark(WriteStep step, IReadOnlyList<string> taskIds, TimeSpan keep)
    {
        foreach (string taskId in taskIds)
        {
            step.Db.Use("INSERT INTO revoked (task_id, expires_at) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at")
                .Add(taskId).Add((step.Now + keep).UtcTicks).Run();
        }
    }

    /// <summary>Whether any mark is kept: mostly not, and then no message need be looked up.</summary>
    public static bool Any(WriteStep step) => step.Db.Use("SELECT EXISTS (SELECT 1 FROM revoked)").ReadNumber() == 1;

    public static bool IsMarked(Database database, string taskId, DateTimeOffset now) =>
        database.Use("SELECT 1 FROM revoked WHERE task_id = ?1 AND expires_at > ?2").Add(taskId).Add(now.UtcTicks).ReadNumber() is not null;
}
