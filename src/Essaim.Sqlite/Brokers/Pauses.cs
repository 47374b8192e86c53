namespace Essaim.Sqlite;

/// <summary>Paused queues.</summary>
internal static class Pauses
{
    public static bool Set(WriteStep step, string queue, QueuePause? pause)
    {
        bool was = step.Db.Use("DELETE FROM pauses WHERE queue = ?1").Add(queue).RunCounting() > 0;
        if (pause is not null)
        {
            step.Db.Use("INSERT INTO pauses (queue, reason, paused_by, at) VALUES (?1, ?2, ?3, ?4)")
                .Add(queue).Add(pause.Reason).Add(pause.By).Add(pause.At.UtcTicks).Run();
        }

        step.Queues.Get(queue);
        Statement select = step.Db.Use("SELECT name FROM queues");
        while (select.Step())
        {
            if (select.GetText(0) is var name && (name == queue || QueueNames.BaseOf(name) == queue))
                step.News.Queues.Add(name);
        }

        return was;
    }

    public static Dictionary<string, QueuePause> Read(Database database)
    {
        Dictionary<string, QueuePause> pauses = new(StringComparer.Ordinal);
        Statement select = database.Use("SELECT queue, reason, paused_by, at FROM pauses");
        while (select.Step())
            pauses.Add(select.GetText(0), new QueuePause(select.GetText(1), select.GetText(2), new DateTimeOffset(select.GetInt64(3), TimeSpan.Zero)));
        return pauses;
    }
}
