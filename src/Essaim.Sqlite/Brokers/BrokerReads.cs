namespace Essaim.Sqlite;

/// <summary>Looking at messages without changing anything.</summary>
internal static class BrokerReads
{
    public static TaskLocation? Find(Database database, string taskId, DateTimeOffset now)
    {
        Statement select = database.Use(
            """
            SELECT m.place, q.name, m.worker, m.delivery_count, m.not_before, m.queue_id, m.priority, m.position, m.claimed_at, m.lease_deadline, m.reason, m.envelope
            FROM messages m JOIN queues q ON q.id = m.queue_id
            WHERE m.task_id = ?1 ORDER BY m.place = 'Dead', m.id LIMIT 1
            """).Add(taskId);
        if (!select.Step())
            return null;
        MessagePlace place = Enum.Parse<MessagePlace>(select.GetText(0));
        TaskLocation location = new(
            place, select.GetText(1), select.GetNullableText(2), select.GetInt32(3),
            place == MessagePlace.Delayed ? Claiming.ToTime(select.GetInt64(4)) : null)
        {
            ClaimedAt = place == MessagePlace.InFlight ? Claiming.ToTime(select.GetNullableInt64(8)) : null,
            Deadline = Claiming.ToTime(select.GetNullableInt64(9)),
            Reason = select.GetNullableText(10),
            WaitsForRate = place == MessagePlace.Delayed && Rates.HasPlace(database, taskId),
            Revoked = RevokedMarks.IsMarked(database, taskId, now),
            Expires = EnvelopeExpiry.Of(select.GetBytes(11)),
        };
        (long queueId, long priority, long position) = (select.GetInt64(5), select.GetInt64(6), select.GetInt64(7));
        select.Restart();
        return place == MessagePlace.Ready ? location with { Ahead = CountAhead(database, queueId, priority, position) } : location;
    }

    public static List<MessageHolder> ReadHolders(Database database, string queue, int max)
    {
        List<MessageHolder> holders = [];
        Statement select = database.Use(
            """
            SELECT task_id, worker, claimed_at, lease_deadline FROM messages
            WHERE place = 'InFlight' AND (queue_id = (SELECT id FROM queues WHERE name = ?1) OR scope = ?1) ORDER BY lease_token LIMIT ?2
            """).Add(queue).Add(max);
        while (select.Step())
        {
            DateTimeOffset deadline = new(select.GetInt64(3), TimeSpan.Zero);
            holders.Add(new MessageHolder(select.GetText(0), select.GetText(1), Claiming.ToTime(select.GetNullableInt64(2)) ?? deadline, deadline));
        }

        return holders;
    }

    private static long CountAhead(Database database, long queueId, long priority, long position) => database.Use(
        """
        SELECT count(*) FROM messages WHERE place = 'Ready' AND queue_id = ?1 AND (priority, position) < (?2, ?3)
        """).Add(queueId).Add(priority).Add(position).ReadNumber() ?? 0;

    public static List<string> ReadQueueNames(Database database)
    {
        List<string> names = [];
        Statement select = database.Use("SELECT name FROM queues ORDER BY name");
        while (select.Step())
            names.Add(select.GetText(0));
        return names;
    }

    public static List<QueueStatus> ReadQueues(Database database, DateTimeOffset now)
    {
        Dictionary<string, QueuePause> pauses = Pauses.Read(database);
        // The oldest of each priority is the first in the index; looking at more would be a scan.
        List<QueueStatus> queues = [];
        Statement select = database.Use(
            """
            WITH RECURSIVE priorities (priority) AS (SELECT 0 UNION ALL SELECT priority + 1 FROM priorities WHERE priority < 9)
            SELECT name, ready, delayed, in_flight, dead,
                CASE WHEN ready > 0 THEN (
                    SELECT min(ready_since) FROM priorities p JOIN messages m ON m.id = (
                        SELECT id FROM messages WHERE place = 'Ready' AND queue_id = q.id AND priority = p.priority ORDER BY position LIMIT 1)) END
            FROM queues q ORDER BY name
            """);
        while (select.Step())
        {
            queues.Add(new QueueStatus(
                select.GetText(0), select.GetInt64(1), select.GetInt64(2), select.GetInt64(3), select.GetInt64(4),
                Claiming.ToTime(select.GetNullableInt64(5))));
        }

        return [.. queues.Select(queue => queue with { Paused = pauses.GetValueOrDefault(queue.Name), RateFreeAt = Rates.FreeAt(database, queue.Name, now) })];
    }

    public static List<DeadLetter> ReadDeadLetters(Database database, int max)
    {
        List<DeadLetter> letters = [];
        Statement select = database.Use(
            """
            SELECT m.id, m.task_id, m.task_name, q.name, m.reason, m.delivery_count, m.died_at, m.envelope
            FROM messages m JOIN queues q ON q.id = m.queue_id WHERE m.place = 'Dead' ORDER BY m.position DESC LIMIT ?1
            """).Add(max);
        while (select.Step())
        {
            letters.Add(new DeadLetter(
                $"{select.GetInt64(0)}", select.GetText(1), select.GetText(2), select.GetText(3), select.GetText(4), select.GetInt32(5),
                new DateTimeOffset(select.GetInt64(6), TimeSpan.Zero), select.GetBytes(7)));
        }

        return letters;
    }
}
