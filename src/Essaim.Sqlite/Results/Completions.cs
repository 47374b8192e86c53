using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>The durable feed of completions.</summary>
internal static class Completions
{
    public static void Append(WriteStep step, Completion completion) =>
        step.Db.Use(
            "INSERT INTO completions (task_id, task_name, state, queue, worker, at, runtime, root_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
            .Add(completion.TaskId)
            .Add(completion.TaskName)
            .Add(completion.State.Name)
            .Add(completion.Queue)
            .Add(completion.Worker)
            .Add(completion.At.UtcTicks)
            .Add(completion.Runtime.Ticks)
            .Add(completion.RootId)
            .Run();

    public static List<FeedEntry> Read(Database database, long position, int max)
    {
        List<FeedEntry> entries = [];
        Statement select = database.Use(
            """
            SELECT position, task_id, task_name, state, queue, worker, at, runtime, root_id FROM completions
            WHERE position > ?1 ORDER BY position LIMIT ?2
            """).Add(position).Add(max);
        while (select.Step())
        {
            entries.Add(new FeedEntry(select.GetInt64(0), new Completion(
                select.GetText(1), select.GetText(2), new TaskState(select.GetText(3)), select.GetText(4), select.GetText(5),
                new DateTimeOffset(select.GetInt64(6), TimeSpan.Zero), TimeSpan.FromTicks(select.GetInt64(7)), select.GetNullableText(8))));
        }

        return entries;
    }
}
