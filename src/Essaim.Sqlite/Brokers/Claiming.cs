namespace Essaim.Sqlite;

/// <summary>Takes messages out of their queues.</summary>
internal static class Claiming
{
    /// <summary>
    /// What a claim would find, without writing: null where there is something to take or to make due, so that an idle worker's
    /// claims cost no transaction.
    /// </summary>
    public static ClaimResult? Peek(Database database, ClaimRequest request, DateTimeOffset now)
    {
        long? nextDue = MessageMoves.GetNextDue(database);
        if (nextDue <= now.UtcTicks)
            return null;
        foreach (QueueClaim claim in request.Queues)
        {
            long? ready = database.Use(
                "SELECT 1 FROM messages WHERE place = 'Ready' AND queue_id = (SELECT id FROM queues WHERE name = ?1) LIMIT 1").Add(claim.Queue).ReadNumber();
            if (ready is not null)
                return null;
        }

        return new ClaimResult([], ToTime(nextDue));
    }

    public static ClaimResult Claim(WriteStep step, ClaimRequest request)
    {
        MessageMoves.MakeDue(step);
        List<Delivery> deliveries = [];
        List<Candidates> tier = [];
        ClaimRoom room = new(step);
        bool marks = RevokedMarks.Any(step);
        foreach (QueueClaim claim in request.Queues.OrderBy(claim => claim.Tier))
        {
            if (tier.Count > 0 && tier[0].Claim.Tier != claim.Tier)
                Take(step, request, tier, deliveries, room, marks);
            int most = Math.Min(request.Max - deliveries.Count, claim.Max ?? int.MaxValue);
            if (most > 0 && !room.IsPaused(claim.Queue) && step.Queues.Find(claim.Queue) is { } queue && ReadCandidates(step, queue, claim, most) is { } candidates)
                tier.Add(candidates);
        }

        Take(step, request, tier, deliveries, room, marks);
        DateTimeOffset? due = ToTime(MessageMoves.GetNextDue(step.Db));
        return new ClaimResult(deliveries, due is null || room.RateFreeAt < due ? room.RateFreeAt : due);
    }

    public static Delivery? ClaimTask(WriteStep step, string taskId, string worker, TimeSpan leaseDuration)
    {
        MessageMoves.MakeDue(step);
        Statement select = step.Db.Use(
            "SELECT id, queue_id, place FROM messages WHERE task_id = ?1 AND place IN ('Ready', 'Delayed') ORDER BY position LIMIT 1").Add(taskId);
        if (!select.Step())
            return null;
        long id = select.GetInt64(0);
        QueueTable.Row queue = step.Queues.Get(select.GetInt64(1));
        MessagePlace from = Enum.Parse<MessagePlace>(select.GetText(2));
        select.Restart();
        return MessageMoves.Lease(step, id, queue, from, worker, leaseDuration, marks: true, scope: null);
    }

    public static Lease?[] Renew(WriteStep step, IReadOnlyList<Lease> leases, TimeSpan duration)
    {
        Lease?[] renewed = new Lease?[leases.Count];
        DateTimeOffset deadline = step.Now + duration;
        for (int i = 0; i < renewed.Length; i++)
        {
            if (!long.TryParse(leases[i].MessageId, out long id) || !long.TryParse(leases[i].Token, out long token))
                continue;
            int changed = step.Db.Use("UPDATE messages SET lease_deadline = ?3 WHERE id = ?1 AND lease_token = ?2 AND lease_deadline > ?4")
                .Add(id).Add(token).Add(deadline.UtcTicks).Add(step.Now.UtcTicks).RunCounting();
            renewed[i] = changed > 0 ? MessageMoves.Name(id, token, deadline) : null;
        }

        return renewed;
    }

    public static DateTimeOffset? ToTime(long? ticks) => ticks is { } value ? new DateTimeOffset(value, TimeSpan.Zero) : null;

    private static void Take(
        WriteStep step, ClaimRequest request, List<Candidates> tier, List<Delivery> deliveries, ClaimRoom room, bool marks)
    {
        while (deliveries.Count < request.Max)
        {
            tier.RemoveAll(candidates => !room.HasRoom(candidates.Claim, candidates.Queue));
            if (tier.Count == 0)
                return;
            Candidates best = tier[0];
            for (int i = 1; i < tier.Count; i++)
            {
                if ((tier[i].Head.Priority, tier[i].Queue.LastServed).CompareTo((best.Head.Priority, best.Queue.LastServed)) < 0)
                    best = tier[i];
            }

            string? scope = best.Claim.Limits is null ? null : ClaimRoom.ScopeOf(best.Claim);
            room.Take(best.Claim);
            deliveries.Add(MessageMoves.Lease(step, best.Head.Id, best.Queue, MessagePlace.Ready, request.Worker, request.LeaseDuration, marks, scope));
            if (!best.MoveOn())
                tier.Remove(best);
        }

        tier.Clear();
    }

    private static Candidates? ReadCandidates(WriteStep step, QueueTable.Row queue, QueueClaim claim, int most)
    {
        List<(long, int)> messages = [];
        Statement select = step.Db.Use(
            "SELECT id, priority FROM messages WHERE place = 'Ready' AND queue_id = ?1 ORDER BY priority, position LIMIT ?2").Add(queue.Id).Add(most);
        while (select.Step())
            messages.Add((select.GetInt64(0), select.GetInt32(1)));
        return messages.Count == 0 ? null : new Candidates(queue, claim, messages);
    }

    private sealed class Candidates(QueueTable.Row queue, QueueClaim claim, List<(long Id, int Priority)> messages)
    {
        private int _next;

        public QueueTable.Row Queue => queue;

        public QueueClaim Claim => claim;

        public (long Id, int Priority) Head => messages[_next];

        public bool MoveOn() => ++_next < messages.Count;
    }
}
