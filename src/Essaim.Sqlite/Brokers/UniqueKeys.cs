namespace Essaim.Sqlite;

/// <summary>Which task holds which unique key.</summary>
internal static class UniqueKeys
{
    /// <summary>Takes the key for a message's task. Returns the task that holds it now: another where it was taken.</summary>
    public static string Take(WriteStep step, string key, OutgoingMessage message)
    {
        int taken = step.Db.Use(
            """
            INSERT INTO unique_keys (key, task_id, expires_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET task_id = excluded.task_id, expires_at = excluded.expires_at
            WHERE unique_keys.expires_at <= ?4 OR unique_keys.task_id = excluded.task_id
            """).Add(key).Add(message.TaskId).Add((step.Now + message.UniqueFor).UtcTicks).Add(step.Now.UtcTicks).RunCounting();
        if (taken > 0)
            return message.TaskId;
        Statement holder = step.Db.Use("SELECT task_id FROM unique_keys WHERE key = ?1").Add(key);
        holder.Step();
        string taskId = holder.GetText(0);
        holder.Restart();
        return taskId;
    }

    /// <summary>Frees keys before their tasks end. Returns how many were given.</summary>
    public static int FreeAll(WriteStep step, IReadOnlyList<UniqueHold> holds)
    {
        foreach (UniqueHold hold in holds)
            Free(step, hold.Key, hold.TaskId);
        return holds.Count;
    }

    /// <summary>Frees the key where this task holds it.</summary>
    public static void Free(WriteStep step, string key, string taskId) =>
        step.Db.Use("DELETE FROM unique_keys WHERE key = ?1 AND task_id = ?2").Add(key).Add(taskId).Run();
}
