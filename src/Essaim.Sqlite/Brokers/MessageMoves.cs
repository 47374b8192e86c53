namespace Essaim.Sqlite;

/// <summary>The arrows of the message's state machine (docs/state-machine.md) but for its birth, as statements.</summary>
internal static class MessageMoves
{
    // What is left for the next step, which then is due at once, would otherwise hold up everybody.
    private const int MostAtOnce = 2_000;

    /// <summary>Makes claimable what is due. Returns how many delayed messages and how many lost leases.</summary>
    public static (int Due, int Reclaimed) MakeDue(WriteStep step)
    {
        List<(long Id, long QueueId, long At)> due = Find(
            step,
            """
            SELECT id, queue_id, iif(keeps_place = 1, -not_before, not_before) FROM messages
            WHERE place = 'Delayed' AND not_before <= ?1 ORDER BY not_before, id LIMIT ?2
            """);
        foreach ((long id, long queueId, long at) in due)
        {
            if (at < 0)
                ToFront(step, id, step.Queues.Get(queueId), -at);
            else
                ToEnd(step, id, step.Queues.Get(queueId), MessagePlace.Delayed, at, 0);
        }

        List<(long Id, long QueueId, long At)> lost = Find(
            step,
            """
            SELECT id, queue_id, not_before FROM messages
            WHERE place = 'InFlight' AND lease_deadline <= ?1 ORDER BY lease_deadline, id LIMIT ?2
            """);
        foreach ((long id, long queueId, long notBefore) in lost)
            PutBack(step, id, step.Queues.Get(queueId), notBefore, 0);
        return (due.Count, lost.Count);
    }

    public static long? GetNextDue(Database database)
    {
        long? delayed = database.Use("SELECT min(not_before) FROM messages WHERE place = 'Delayed'").ReadNumber();
        long? deadline = database.Use("SELECT min(lease_deadline) FROM messages WHERE place = 'InFlight'").ReadNumber();
        return delayed is null || deadline < delayed ? deadline : delayed;
    }

    public static Delivery Lease(WriteStep step, long id, QueueTable.Row queue, MessagePlace from, string worker, TimeSpan lease, bool marks, string? scope)
    {
        DateTimeOffset deadline = step.Now + lease;
        long token = step.NextNumber();
        Statement select = step.Db.Use("SELECT task_id, delivery_count, ready_since, envelope FROM messages WHERE id = ?1").Add(id);
        select.Step();
        string taskId = select.GetText(0);
        Delivery delivery = new()
        {
            Lease = Name(id, token, deadline),
            Queue = queue.Name,
            TaskId = taskId,
            DeliveryCount = select.GetInt32(1) + 1,
            ReadySince = new DateTimeOffset(select.GetInt64(2), TimeSpan.Zero),
            Envelope = select.GetBytes(3),
            Revoked = marks && RevokedMarks.IsMarked(step.Db, taskId, step.Now),
        };
        select.Restart();
        step.Db.Use(
            """
            UPDATE messages SET place = 'InFlight', lease_token = ?2, lease_deadline = ?3, worker = ?4, delivery_count = delivery_count + 1,
                claimed_at = ?5, scope = ?6
            WHERE id = ?1
            """).Add(id).Add(token).Add(deadline.UtcTicks).Add(worker).Add(step.Now.UtcTicks).Add(scope).Run();
        queue.LastServed = token;
        Moved(step, queue, from, MessagePlace.InFlight);
        return delivery;
    }

    public static Lease Name(long id, long token, DateTimeOffset deadline) => new($"{id}", $"{token}", deadline);

    public static void Remove(WriteStep step, long id, QueueTable.Row queue)
    {
        step.Db.Use("DELETE FROM messages WHERE id = ?1").Add(id).Run();
        step.Queues.Count(queue, MessagePlace.InFlight, -1);
    }

    /// <summary>Back to where it was before it was claimed; it kept its position, so that is the front.</summary>
    public static void PutBack(WriteStep step, long id, QueueTable.Row queue, long notBefore, int uncounted)
    {
        MessagePlace to = notBefore > step.Now.UtcTicks ? MessagePlace.Delayed : MessagePlace.Ready;
        step.Db.Use(
            """
            UPDATE messages SET place = ?2, delivery_count = delivery_count - ?3, lease_token = NULL, lease_deadline = NULL, worker = NULL
            WHERE id = ?1
            """).Add(id).Add(to == MessagePlace.Delayed ? "Delayed" : "Ready").Add(uncounted).Run();
        Moved(step, queue, MessagePlace.InFlight, to);
    }

    /// <summary>To the end of its queue.</summary>
    public static void ToEnd(WriteStep step, long id, QueueTable.Row queue, MessagePlace from, long readySince, int uncounted)
    {
        step.Db.Use(
            """
            UPDATE messages SET place = 'Ready', position = ?2, ready_since = ?3, not_before = 0, delivery_count = delivery_count - ?4,
                lease_token = NULL, lease_deadline = NULL, worker = NULL, died_at = NULL, reason = NULL
            WHERE id = ?1
            """).Add(id).Add(step.NextNumber()).Add(readySince).Add(uncounted).Run();
        Moved(step, queue, from, MessagePlace.Ready);
    }

    /// <summary>A delayed message that kept its place is ready there.</summary>
    private static void ToFront(WriteStep step, long id, QueueTable.Row queue, long readySince)
    {
        step.Db.Use("UPDATE messages SET place = 'Ready', ready_since = ?2, not_before = 0 WHERE id = ?1").Add(id).Add(readySince).Run();
        Moved(step, queue, MessagePlace.Delayed, MessagePlace.Ready);
    }

    public static void Park(WriteStep step, long id, QueueTable.Row queue, DateTimeOffset notBefore)
    {
        step.Db.Use(
            """
            UPDATE messages SET place = 'Delayed', not_before = ?2, delivery_count = delivery_count - 1,
                lease_token = NULL, lease_deadline = NULL, worker = NULL
            WHERE id = ?1
            """).Add(id).Add(notBefore.UtcTicks).Run();
        Moved(step, queue, MessagePlace.InFlight, MessagePlace.Delayed);
    }

    public static void Bury(WriteStep step, long id, QueueTable.Row queue, string reason)
    {
        step.Db.Use(
            """
            UPDATE messages SET place = 'Dead', position = ?2, died_at = ?3, reason = ?4, lease_token = NULL, lease_deadline = NULL, worker = NULL
            WHERE id = ?1
            """).Add(id).Add(step.NextNumber()).Add(step.Now.UtcTicks).Add(reason).Run();
        Moved(step, queue, MessagePlace.InFlight, MessagePlace.Dead);
    }

    private static void Moved(WriteStep step, QueueTable.Row queue, MessagePlace from, MessagePlace to)
    {
        step.Queues.Count(queue, from, -1);
        step.Queues.Count(queue, to, 1);
        if (to is MessagePlace.Ready or MessagePlace.Delayed)
            step.News.Queues.Add(queue.Name);
    }

    private static List<(long Id, long QueueId, long At)> Find(WriteStep step, string sql)
    {
        // Read to the end first: moving a row changes the index that is being read.
        List<(long, long, long)> found = [];
        Statement select = step.Db.Use(sql).Add(step.Now.UtcTicks).Add(MostAtOnce);
        while (select.Step())
            found.Add((select.GetInt64(0), select.GetInt64(1), select.GetInt64(2)));
        return found;
    }
}
