namespace Essaim.Sqlite;

/// <summary>Ends deliveries with all that follows.</summary>
internal static class Settling
{
    public static SettleOutcome Settle(WriteStep step, Settlement settlement)
    {
        if (!long.TryParse(settlement.Lease.MessageId, out long id) || !long.TryParse(settlement.Lease.Token, out long token))
            return SettleOutcome.StaleLease;
        Statement select = step.Db.Use(
            "SELECT queue_id, not_before, scope FROM messages WHERE id = ?1 AND lease_token = ?2 AND lease_deadline > ?3").Add(id).Add(token).Add(step.Now.UtcTicks);
        if (!select.Step())
            return SettleOutcome.StaleLease;
        QueueTable.Row queue = step.Queues.Get(select.GetInt64(0));
        long notBefore = select.GetInt64(1);
        string? scope = select.GetNullableText(2);
        select.Restart();
        Move(step, settlement, id, queue, notBefore);
        if (scope is not null)
            step.News.Queues.UnionWith([queue.Name, scope]);

        if (settlement is { UniqueKey: { } key, Completion: { } ended })
            UniqueKeys.Free(step, key, ended.TaskId);
        if (settlement is { ForgetsSteps: true, Completion: { } done })
            SqliteStepStore.Forget(step, done.TaskId);
        Apply(step, settlement.Results, settlement.Publish, settlement.Completion);
        CountParts(step, settlement.ChordParts);
        return SettleOutcome.Settled;
    }

    private static void Move(WriteStep step, Settlement settlement, long id, QueueTable.Row queue, long notBefore)
    {
        switch (settlement.Action)
        {
            case SettleAction.Complete:
                MessageMoves.Remove(step, id, queue);
                break;
            case SettleAction.Release:
                MessageMoves.PutBack(step, id, queue, notBefore, uncounted: 1);
                break;
            case SettleAction.Return:
                MessageMoves.PutBack(step, id, queue, notBefore, uncounted: 0);
                break;
            case SettleAction.Requeue:
                MessageMoves.ToEnd(step, id, queue, MessagePlace.InFlight, step.Now.UtcTicks, uncounted: 1);
                break;
            case SettleAction.Park:
                MessageMoves.Park(step, id, queue, settlement.NotBefore ?? step.Now);
                break;
            case SettleAction.DeadLetter:
                MessageMoves.Bury(step, id, queue, settlement.Reason ?? "");
                break;
        }
    }

    private static void Apply(WriteStep step, IReadOnlyList<ResultWrite> results, Outgoing publish, Completion? completion)
    {
        for (int i = 0; i < results.Count; i++)
            ResultRows.Store(step, results[i]);
        Publishing.Publish(step, publish);
        if (completion is not null)
            Completions.Append(step, completion);
    }

    private static void CountParts(WriteStep step, IReadOnlyList<ChordPart> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (ChordRows.Count(step, parts[i]) is not { } release)
                continue;
            Apply(step, release.Results, release.Publish, release.Completion);
            CountParts(step, release.OuterParts);
        }
    }
}
