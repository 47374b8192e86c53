using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>Recorded steps in the file.</summary>
internal sealed class SqliteStepStore(SqliteEngine engine) : IStepStore
{
    public ValueTask<IReadOnlyDictionary<string, RawJson>> ReadAsync(string taskId, CancellationToken cancellationToken) =>
        new(engine.Read<IReadOnlyDictionary<string, RawJson>>(database => Read(database, taskId, engine.Time.GetUtcNow())));

    public ValueTask<RawJson> RecordAsync(string taskId, string step, RawJson result, TimeSpan keep, CancellationToken cancellationToken) =>
        engine.WriteAsync(write => Record(write, taskId, step, result, keep), durable: true, cancellationToken);

    /// <summary>The task has ended.</summary>
    public static void Forget(WriteStep write, string taskId) => write.Db.Use("DELETE FROM steps WHERE task_id = ?1").Add(taskId).Run();

    private static Dictionary<string, RawJson> Read(Database database, string taskId, DateTimeOffset now)
    {
        Dictionary<string, RawJson> steps = new(StringComparer.Ordinal);
        Statement select = database.Use("SELECT step, result FROM steps WHERE task_id = ?1 AND expires_at > ?2").Add(taskId).Add(now.UtcTicks);
        while (select.Step())
            steps[select.GetText(0)] = new RawJson(select.GetBytes(1));
        return steps;
    }

    private static RawJson Record(WriteStep write, string taskId, string step, RawJson result, TimeSpan keep)
    {
        write.Db.Use("UPDATE steps SET expires_at = ?2 WHERE task_id = ?1 AND expires_at > ?3")
            .Add(taskId).Add((write.Now + keep).UtcTicks).Add(write.Now.UtcTicks).Run();
        write.Db.Use(
            """
            INSERT INTO steps (task_id, step, expires_at, result) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at, result = excluded.result WHERE steps.expires_at <= ?5
            """).Add(taskId).Add(step).Add((write.Now + keep).UtcTicks).Add(result.Utf8.Span).Add(write.Now.UtcTicks).Run();
        return Read(write.Db, taskId, write.Now)[step];
    }
}
