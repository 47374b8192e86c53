namespace Essaim.Sqlite;

/// <summary>What people do to messages by hand.</summary>
internal static class Purging
{
    public static int Purge(WriteStep step, string queueName)
    {
        if (step.Queues.Find(queueName) is not { } queue)
            return 0;

        // What is purged never ends, so it would hold its key until that expires.
        step.Db.Use(
            """
            DELETE FROM unique_keys WHERE (key, task_id) IN (
                SELECT unique_key, task_id FROM messages WHERE queue_id = ?1 AND place IN ('Ready', 'Delayed') AND unique_key IS NOT NULL)
            """).Add(queue.Id).Run();
        int ready = step.Db.Use("DELETE FROM messages WHERE place = 'Ready' AND queue_id = ?1").Add(queue.Id).RunCounting();
        int delayed = step.Db.Use("DELETE FROM messages WHERE place = 'Delayed' AND queue_id = ?1").Add(queue.Id).RunCounting();
        step.Queues.Count(queue, MessagePlace.Ready, -ready);
        step.Queues.Count(queue, MessagePlace.Delayed, -delayed);
        return ready + delayed;
    }

    public static bool Replay(WriteStep step, string messageId)
    {
        if (!long.TryParse(messageId, out long id))
            return false;
        Statement select = step.Db.Use("SELECT queue_id, delivery_count, task_id FROM messages WHERE id = ?1 AND place = 'Dead'").Add(id);
        if (!select.Step())
            return false;
        QueueTable.Row queue = step.Queues.Get(select.GetInt64(0));
        int deliveries = select.GetInt32(1);
        string taskId = select.GetText(2);
        select.Restart();
        MessageMoves.ToEnd(step, id, queue, MessagePlace.Dead, step.Now.UtcTicks, uncounted: deliveries);
        ResultRows.Forget(step, taskId);
        return true;
    }
}
