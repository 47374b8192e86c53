namespace Essaim.Sqlite;

/// <summary>Puts messages into the file.</summary>
internal static class Publishing
{
    public static PublishOutcome[] Publish(WriteStep step, Outgoing outgoing)
    {
        foreach (ChordStart chord in outgoing.Chords)
        {
            step.Db.Use("INSERT INTO chords (group_id, size) VALUES (?1, ?2) ON CONFLICT DO NOTHING").Add(chord.GroupId).Add(chord.Size).Run();
            if (chord.SavedGroup is { } structure)
                ResultRows.SaveGroup(step, chord.GroupId, structure, OutgoingRules.SavedGroupExpiry);
        }

        if (outgoing.Messages.Count == 0)
            return [];
        PublishOutcome[] outcomes = new PublishOutcome[outgoing.Messages.Count];
        for (int i = 0; i < outcomes.Length; i++)
        {
            OutgoingMessage message = outgoing.Messages[i];
            string holder = message.UniqueKey is null ? message.TaskId : UniqueKeys.Take(step, message.UniqueKey, message);
            outcomes[i] = new PublishOutcome(holder == message.TaskId, holder);
            if (outcomes[i].Accepted)
                Insert(step, message);
        }

        return outcomes;
    }

    private static void Insert(WriteStep step, OutgoingMessage message)
    {
        long number = step.NextNumber();
        QueueTable.Row queue = step.Queues.Get(message.Queue);
        MessagePlace place = message.NotBefore > step.Now ? MessagePlace.Delayed : MessagePlace.Ready;
        step.Db.Use(
            """
            INSERT INTO messages (id, queue_id, place, priority, position, ready_since, not_before, delivery_count, unique_key, task_id, task_name, envelope, keeps_place)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10, ?11, ?12)
            """)
            .Add(number)
            .Add(queue.Id)
            .Add(place == MessagePlace.Delayed ? "Delayed" : "Ready")
            .Add(message.Priority)
            .Add(message.KeepsPlace ? -number : number)
            .Add(step.Now.UtcTicks)
            .Add(message.NotBefore?.UtcTicks ?? 0)
            .Add(message.UniqueKey)
            .Add(message.TaskId)
            .Add(message.TaskName)
            .Add(message.Envelope.Span)
            .Add(message.KeepsPlace ? 1 : 0)
            .Run();
        step.Queues.Count(queue, place, 1);
        step.News.Queues.Add(queue.Name);
    }
}
