namespace Essaim.Redis;

/// <summary>Messages in Celery's lists; leases, delays and dead letters beside them. Each step is one script.</summary>
internal sealed class RedisBroker(RedisLink link) : IBroker
{
    // What Lua's stack holds in one call, with room to spare, and what keeps the server from others for about a millisecond.
    private const int MostClaimed = 2000;
    private const int MostSettled = 512;
    private readonly TaskSearch _search = new(link);
    private readonly QueueFacts _facts = new(link);
    private readonly FairTurns _turns = new();
    private readonly ResultListeners _listeners = new();

    public async ValueTask<IReadOnlyList<PublishOutcome>> PublishAsync(Outgoing outgoing, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.Publish, sizeHint: 256 + 1024 * Math.Min(outgoing.Messages.Count, 64));
        try
        {
            PublishOps.Append(command, link.Keys, link.Settings, outgoing);
        }
        catch
        {
            command.Dispose();
            throw;
        }

        return PublishOps.Outcomes(outgoing, await link.EvalAsync(RedisScripts.Publish, command, cancellationToken));
    }

    public async ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        QueueClaim[] queues = _turns.Order(request.Queues);
        RespCommand command = link.Call(RedisScripts.Claim)
            .Add((long)request.LeaseDuration.TotalMilliseconds)
            .Add(Math.Min(request.Max, MostClaimed))
            .Add(request.Worker)
            .Add(link.Steps)
            .Add(queues.Length);
        // Whoever claims hands on what it gets: one thread less to wake before the task begins.
        command.GoesOnHere = true;
        foreach (QueueClaim queue in queues)
            command.Add(queue.Queue).Add(queue.Tier).Add(queue.Max ?? -1).Add(ClaimLimits.Write(queue));
        long sentAt = link.Clock.Sending();
        RespReply reply = await link.EvalAsync(RedisScripts.Claim, command, cancellationToken);
        ClaimResult result = DeliveryReader.ReadClaim(reply, queues, request.LeaseDuration, link.Clock, sentAt);
        if (queues.Length > 1)
            _turns.Note(result.Deliveries);
        return result;
    }

    public ValueTask<Delivery?> ClaimTaskAsync(string taskId, string worker, TimeSpan leaseDuration, CancellationToken cancellationToken) =>
        _search.ClaimAsync(taskId, worker, leaseDuration, cancellationToken);

    public async ValueTask<IReadOnlyList<Lease?>> RenewAsync(IReadOnlyList<Lease> leases, TimeSpan duration, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.Renew, idempotent: true).Add((long)duration.TotalMilliseconds);
        foreach (Lease lease in leases)
            command.Add(lease.Token);
        long sentAt = link.Clock.Sending();
        RespReader reader = (await link.EvalAsync(RedisScripts.Renew, command, cancellationToken)).Read();
        reader.ReadArray();
        long now = reader.ReadInteger();
        link.Clock.Observe(now, sentAt);
        DateTimeOffset deadline = DateTimeOffset.FromUnixTimeMilliseconds(now) + duration;
        Lease?[] renewed = new Lease?[leases.Count];
        for (int i = 0; i < renewed.Length; i++)
            renewed[i] = reader.ReadInteger() == 1 ? leases[i] with { Deadline = deadline } : null;
        return renewed;
    }

    public async ValueTask<IReadOnlyList<SettleOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        SettleOutcome[] outcomes = new SettleOutcome[settlements.Count];
        Queue<(RespCommand Command, SettlementOps Ops)> calls = [];
        try
        {
            // All are written before the first is sent: where one cannot be, nothing is settled.
            for (int start = 0; start < outcomes.Length; start += MostSettled)
                calls.Enqueue(Write(settlements, Enumerable.Range(start, Math.Min(MostSettled, outcomes.Length - start)), grouped: true));
            while (calls.TryDequeue(out (RespCommand Command, SettlementOps Ops) call))
                await SettleAsync(settlements, call.Command, call.Ops, outcomes, cancellationToken);
        }
        finally
        {
            foreach ((RespCommand unsent, _) in calls)
                unsent.Dispose();
        }

        return outcomes;
    }

    public async ValueTask<IWorkSignal> ListenAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        // A queue that only Python's clients send to is in no list of ours until somebody serves it.
        if (queues.Count > 0)
        {
            RespCommand known = new RespCommand("SADD", idempotent: true).Add(link.Keys.Own + "queues");
            foreach (string queue in queues)
                known.Add(queue);
            await link.Client.SendAsync(known, cancellationToken);
        }

        return await RedisWorkSignal.OpenAsync(link, queues, cancellationToken);
    }

    public async ValueTask MarkRevokedAsync(IReadOnlyList<string> taskIds, TimeSpan keep, CancellationToken cancellationToken)
    {
        if (taskIds.Count == 0)
            return;
        RespCommand command = link.Call(RedisScripts.Revoke, idempotent: true).Add(PublishOps.Milliseconds(keep));
        foreach (string taskId in taskIds)
            command.Add(taskId);
        await link.EvalAsync(RedisScripts.Revoke, command, cancellationToken);
    }

    public ValueTask<TaskLocation?> FindAsync(string taskId, CancellationToken cancellationToken) => _search.FindAsync(taskId, cancellationToken);

    public async ValueTask<IReadOnlyList<string>> GetQueueNamesAsync(CancellationToken cancellationToken)
    {
        RespReply names = await link.Client.SendAsync(new RespCommand("SMEMBERS", idempotent: true).Add(link.Keys.Own + "queues"), cancellationToken);
        return [.. names.AsTexts().Order(StringComparer.Ordinal)];
    }

    public ValueTask<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken) => _facts.GetQueuesAsync(cancellationToken);

    public ValueTask<IReadOnlyList<MessageHolder>> GetHoldersAsync(string queue, int max, CancellationToken cancellationToken) =>
        _facts.GetHoldersAsync(queue, max, cancellationToken);

    public async ValueTask<IReadOnlyList<DateTimeOffset?>> ReserveAsync(IReadOnlyList<RateReservation> wanted, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.Reserve);
        foreach (RateReservation one in wanted)
            command.Add(one.Bucket).Add(one.TaskId).Add(ClaimLimits.Interval(one.Rate)).Add(one.Rate.Burst);
        RespReader reader = (await link.EvalAsync(RedisScripts.Reserve, command, cancellationToken)).Read();
        reader.ReadArray();
        DateTimeOffset?[] outcomes = new DateTimeOffset?[wanted.Count];
        for (int i = 0; i < outcomes.Length; i++)
            outcomes[i] = reader.ReadInteger() is not 0 and var at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
        return outcomes;
    }

    public async ValueTask FreeKeysAsync(IReadOnlyList<UniqueHold> holds, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.FreeKeys, idempotent: true);
        foreach (UniqueHold hold in holds)
            command.Add(hold.Key).Add(hold.TaskId);
        await link.EvalAsync(RedisScripts.FreeKeys, command, cancellationToken);
    }

    public async ValueTask<bool> SetPauseAsync(string queue, QueuePause? pause, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.Pause, idempotent: true).Add(queue).Add(pause is null ? "" : QueueFacts.Write(pause));
        return (await link.EvalAsync(RedisScripts.Pause, command, cancellationToken)).AsInteger() == 1;
    }

    public async ValueTask<int> PurgeAsync(string queue, CancellationToken cancellationToken)
    {
        const int MostAtOnce = 1000;
        for (int removed = 0; ;)
        {
            RespCommand command = link.Call(RedisScripts.Purge).Add(queue).Add(link.Steps);
            int now = (int)(await link.EvalAsync(RedisScripts.Purge, command, cancellationToken)).AsInteger();
            removed += now;
            if (now < MostAtOnce)
                return removed;
        }
    }

    public async ValueTask<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int max, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.DeadLetters, idempotent: true).Add(max);
        RespReader reader = (await link.EvalAsync(RedisScripts.DeadLetters, command, cancellationToken)).Read();
        List<DeadLetter> letters = [];
        for (int left = reader.ReadArray(); left > 0; left -= 6)
        {
            (string id, string queue, string reason) = (reader.ReadText()!, reader.ReadText()!, reader.ReadText()!);
            (int count, long diedAt) = ((int)reader.ReadInteger(), reader.ReadInteger());
            ReadOnlyMemory<byte> envelope = reader.ReadBytes() ?? default;
            EnvelopePeek facts = EnvelopePeek.Of(envelope.Span);
            letters.Add(new DeadLetter(
                id, facts.TaskId, facts.TaskName, queue, reason, count, DateTimeOffset.FromUnixTimeMilliseconds(diedAt), envelope));
        }

        return letters;
    }

    public async ValueTask<bool> ReplayAsync(string messageId, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.Replay).Add(messageId).Add(link.Keys.ResultStart);
        return (await link.EvalAsync(RedisScripts.Replay, command, cancellationToken)).AsInteger() == 1;
    }

    public async ValueTask<SweepReport> SweepAsync(CancellationToken cancellationToken)
    {
        long sentAt = link.Clock.Sending();
        RespReader reader = (await link.EvalAsync(RedisScripts.Sweep, link.Call(RedisScripts.Sweep, idempotent: true), cancellationToken)).Read();
        reader.ReadArray();
        link.Clock.Observe(reader.ReadInteger(), sentAt);
        (int due, int reclaimed, int pruned) = ((int)reader.ReadInteger(), (int)reader.ReadInteger(), (int)reader.ReadInteger());
        long next = reader.ReadInteger();
        int restored = link.Settings.VisibilityTimeout > TimeSpan.Zero ? await RestoreAsync(cancellationToken) : 0;
        return new SweepReport(due, reclaimed + restored, pruned, next < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(next));
    }

    /// <summary>What Celery's workers do about each other's unacknowledged messages.</summary>
    private async ValueTask<int> RestoreAsync(CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.Restore, idempotent: true)
            .Add((long)link.Settings.VisibilityTimeout.TotalMilliseconds).Add(link.Steps);
        return (int)(await link.EvalAsync(RedisScripts.Restore, command, cancellationToken)).AsInteger();
    }

    private (RespCommand Command, SettlementOps Ops) Write(IReadOnlyList<Settlement> settlements, IEnumerable<int> which, bool grouped)
    {
        RespCommand command = link.Call(RedisScripts.Settle, sizeHint: 16 * 1024);
        try
        {
            SettlementOps ops = new(command, link.Keys, link.Settings, settlements);
            ops.Append(which, grouped, _listeners.Channels(link.Keys));
            return (command, ops);
        }
        catch
        {
            command.Dispose();
            throw;
        }
    }

    private async ValueTask SettleAsync(
        IReadOnlyList<Settlement> settlements, RespCommand command, SettlementOps ops, SettleOutcome[] outcomes, CancellationToken cancellationToken)
    {
        RespReader reader = (await link.EvalAsync(RedisScripts.Settle, command, cancellationToken)).Read();
        reader.ReadArray();
        _listeners.Learn(reader.ReadInteger());
        List<int> refused = [];
        foreach (IReadOnlyList<int> entry in ops.Entries)
        {
            bool settled = reader.ReadInteger() == 1;
            if (!settled && entry.Count > 1)
                refused.AddRange(entry);
            foreach (int i in entry)
                outcomes[i] = settled ? SettleOutcome.Settled : SettleOutcome.StaleLease;
        }

        // One stale lease refused its whole group.
        if (refused.Count > 0)
        {
            (command, ops) = Write(settlements, refused, grouped: false);
            await SettleAsync(settlements, command, ops, outcomes, cancellationToken);
        }
    }
}
