using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>Stored schedules.</summary>
internal static class ScheduleRows
{
    public static List<ScheduleRecord> ReadAll(Database database)
    {
        List<ScheduleRecord> schedules = [];
        Statement select = database.Use("SELECT name, definition, enabled, next_run, last_run, last_task_id FROM schedules ORDER BY name");
        while (select.Step())
        {
            schedules.Add(new ScheduleRecord(
                select.GetText(0), new RawJson(select.GetBytes(1)), select.GetInt64(2) == 1, Claiming.ToTime(select.GetNullableInt64(3)),
                Claiming.ToTime(select.GetNullableInt64(4)), select.GetNullableText(5)));
        }

        return schedules;
    }

    public static void Put(WriteStep step, ScheduleRecord schedule)
    {
        int same = step.Db.Use("UPDATE schedules SET enabled = ?3 WHERE name = ?1 AND definition = ?2")
            .Add(schedule.Name).Add(schedule.Definition.Utf8.Span).Add(schedule.Enabled ? 1L : 0L).RunCounting();
        if (same > 0)
            return;
        step.Db.Use("INSERT OR REPLACE INTO schedules (name, definition, enabled, next_run, last_run, last_task_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .Add(schedule.Name)
            .Add(schedule.Definition.Utf8.Span)
            .Add(schedule.Enabled ? 1L : 0L)
            .Add(schedule.NextRun?.UtcTicks)
            .Add(schedule.LastRun?.UtcTicks)
            .Add(schedule.LastTaskId)
            .Run();
    }

    public static bool Remove(WriteStep step, string name) => step.Db.Use("DELETE FROM schedules WHERE name = ?1").Add(name).RunCounting() > 0;

    public static bool TryFire(
        WriteStep step, string name, DateTimeOffset? expectedNextRun, DateTimeOffset lastRun, string? lastTaskId, DateTimeOffset? nextRun, Outgoing outgoing)
    {
        int fired = step.Db.Use(
            """
            UPDATE schedules SET last_run = ?3, last_task_id = ?4, next_run = ?5 WHERE name = ?1 AND enabled = 1 AND next_run IS ?2
            """).Add(name).Add(expectedNextRun?.UtcTicks).Add(lastRun.UtcTicks).Add(lastTaskId).Add(nextRun?.UtcTicks).RunCounting();
        if (fired > 0)
            Publishing.Publish(step, outgoing);
        return fired > 0;
    }
}
