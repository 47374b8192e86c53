namespace Essaim;

/// <summary>The in-memory broker: every step under the backend's one gate.</summary>
internal sealed class InMemoryBroker : IBroker
{
    private readonly Lock _gate;
    private readonly TimeProvider _time;
    private readonly WorkBell _bell;
    private readonly InMemoryMessages _messages;
    private readonly InMemoryResultStore _results;
    private readonly InMemoryUniqueKeys _keys = new();
    private readonly InMemoryChords _chords = new();
    private readonly Dictionary<string, DateTimeOffset> _revoked = new(StringComparer.Ordinal);

    public InMemoryBroker(Lock gate, TimeProvider time, InMemoryResultStore results)
    {
        _gate = gate;
        _time = time;
        _results = results;
        _bell = new WorkBell(time);
        _messages = new InMemoryMessages(_bell);
    }

    public ValueTask<IReadOnlyList<PublishOutcome>> PublishAsync(Outgoing outgoing, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        outgoing.Check();
        lock (_gate)
            return new(Publish(outgoing, _time.GetUtcNow()));
    }

    public ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            _messages.MakeDue(now);
            List<Delivery> deliveries = [];
            foreach (IGrouping<int, QueueClaim> tier in request.Queues.GroupBy(claim => claim.Tier).OrderBy(tier => tier.Key))
                ClaimTier(request, [.. tier], deliveries, now);
            return new(new ClaimResult(deliveries, _messages.NextDue));
        }
    }

    public ValueTask<Delivery?> ClaimTaskAsync(string taskId, string worker, TimeSpan leaseDuration, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            _messages.MakeDue(now);
            HeldMessage? message = _messages.FindTask(taskId).FirstOrDefault(held => held.Place is MessagePlace.Ready or MessagePlace.Delayed);
            return new(message is null ? null : _messages.Lease(message, worker, now + leaseDuration, IsRevoked(taskId, now)));
        }
    }

    public ValueTask<IReadOnlyList<Lease?>> RenewAsync(IReadOnlyList<Lease> leases, TimeSpan duration, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            return new([.. leases.Select(lease => _messages.FindLeased(lease, now) is { } message ? _messages.Renew(message, now + duration) : null)]);
        }
    }

    public ValueTask<IReadOnlyList<SettleOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (Settlement settlement in settlements)
            settlement.Publish.Check();
        lock (_gate)
            return new([.. settlements.Select(settlement => Settle(settlement, _time.GetUtcNow()))]);
    }

    public ValueTask<IWorkSignal> ListenAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) => new(_bell.Listen(queues));

    public ValueTask MarkRevokedAsync(IReadOnlyList<string> taskIds, TimeSpan keep, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            foreach (string taskId in taskIds)
                _revoked[taskId] = _time.GetUtcNow() + keep;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<TaskLocation?> FindAsync(string taskId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            HeldMessage? message = _messages.FindTask(taskId).OrderBy(held => held.Place == MessagePlace.Dead).FirstOrDefault();
            return new(message is null ? null : new TaskLocation(
                message.Place, message.Message.Queue, message.Worker, message.DeliveryCount,
                message.Place == MessagePlace.Delayed ? message.NotBefore : null));
        }
    }

    public ValueTask<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return new([.. _messages.Queues.Select(queue => queue.GetStatus()).OrderBy(status => status.Name, StringComparer.Ordinal)]);
    }

    public ValueTask<int> PurgeAsync(string queue, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            HeldMessage[] waiting =
                [.. _messages.All.Where(held => held.Message.Queue == queue && held.Place is (MessagePlace.Ready or MessagePlace.Delayed))];
            foreach (HeldMessage message in waiting)
            {
                _messages.Remove(message);
                if (message.Message.UniqueKey is { } key)
                    _keys.Free(key, message.Message.TaskId);
            }

            return new(waiting.Length);
        }
    }

    public ValueTask<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int max, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new([.. _messages.All
                .Where(held => held.Place == MessagePlace.Dead)
                .OrderByDescending(held => held.Position)
                .Take(max)
                .Select(held => new DeadLetter(
                    $"{held.Id}", held.Message.TaskId, held.Message.TaskName, held.Message.Queue, held.DeathReason ?? "", held.DeliveryCount,
                    held.DiedAt, held.Message.Envelope))]);
        }
    }

    public ValueTask<bool> ReplayAsync(string messageId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_messages.Find(messageId) is not { Place: MessagePlace.Dead } message)
                return new(false);
            message.DeliveryCount = 0;
            _messages.PutLast(message, _time.GetUtcNow());
            _results.Forget(message.Message.TaskId);
            return new(true);
        }
    }

    public ValueTask<SweepReport> SweepAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            (int due, int reclaimed) = _messages.MakeDue(now);
            string[] forgiven = [.. _revoked.Where(mark => mark.Value <= now).Select(mark => mark.Key)];
            foreach (string taskId in forgiven)
                _revoked.Remove(taskId);
            int pruned = forgiven.Length + _keys.Prune(now) + _results.Prune(now);
            return new(new SweepReport(due, reclaimed, pruned, _messages.NextDue));
        }
    }

    /// <summary>Publishes under the gate.</summary>
    internal IReadOnlyList<PublishOutcome> Publish(Outgoing outgoing, DateTimeOffset now)
    {
        foreach (ChordStart chord in outgoing.Chords)
        {
            _chords.Start(chord);
            if (chord.SavedGroup is { } structure)
                _results.SaveGroup(chord.GroupId, structure, OutgoingRules.SavedGroupExpiry);
        }

        PublishOutcome[] outcomes = new PublishOutcome[outgoing.Messages.Count];
        for (int i = 0; i < outcomes.Length; i++)
        {
            OutgoingMessage message = outgoing.Messages[i];
            string holder = message.UniqueKey is { } key ? _keys.Take(key, message, now) : message.TaskId;
            outcomes[i] = new PublishOutcome(holder == message.TaskId, holder);
            if (outcomes[i].Accepted)
                _messages.Add(message, now);
        }

        return outcomes;
    }

    private void ClaimTier(ClaimRequest request, QueueClaim[] tier, List<Delivery> deliveries, DateTimeOffset now)
    {
        int[] left = [.. tier.Select(claim => claim.Max ?? int.MaxValue)];
        while (deliveries.Count < request.Max)
        {
            int best = -1;
            (int Priority, long LastServed) bestRank = default;
            for (int i = 0; i < tier.Length; i++)
            {
                if (left[i] <= 0 || _messages.FindQueue(tier[i].Queue) is not { Ready.Min: { } head } queue)
                    continue;
                (int, long) rank = (head.Message.Priority, queue.LastServed);
                if (best < 0 || rank.CompareTo(bestRank) < 0)
                    (best, bestRank) = (i, rank);
            }

            if (best < 0)
                return;
            left[best]--;
            HeldMessage message = _messages.FindQueue(tier[best].Queue)!.Ready.Min!;
            deliveries.Add(_messages.Lease(message, request.Worker, now + request.LeaseDuration, IsRevoked(message.Message.TaskId, now)));
        }
    }

    private SettleOutcome Settle(Settlement settlement, DateTimeOffset now)
    {
        if (_messages.FindLeased(settlement.Lease, now) is not { } message)
            return SettleOutcome.StaleLease;

        // Composing may throw on a malformed part; it comes first, so that then nothing is changed.
        IReadOnlyList<ChordReleaseResult> releases = settlement.ChordParts.Count == 0 ? [] : _chords.Count(settlement.ChordParts, now);
        if (settlement.Action is SettleAction.Release or SettleAction.Requeue or SettleAction.Park)
            message.DeliveryCount--;
        switch (settlement.Action)
        {
            case SettleAction.Complete:
                _messages.Remove(message);
                break;
            case SettleAction.Release or SettleAction.Return:
                _messages.PutBack(message, now);
                break;
            case SettleAction.Requeue:
                _messages.PutLast(message, now);
                break;
            case SettleAction.Park:
                _messages.Delay(message, settlement.NotBefore ?? now);
                break;
            case SettleAction.DeadLetter:
                _messages.Bury(message, settlement.Reason ?? "", now);
                break;
        }

        if (settlement is { UniqueKey: { } key, Completion: { } ended })
            _keys.Free(key, ended.TaskId);
        Apply(settlement.Results, settlement.Publish, settlement.Completion, now);
        foreach (ChordReleaseResult release in releases)
            Apply(release.Results, release.Publish, release.Completion, now);
        return SettleOutcome.Settled;
    }

    private void Apply(IReadOnlyList<ResultWrite> results, Outgoing publish, Completion? completion, DateTimeOffset now)
    {
        foreach (ResultWrite write in results)
            _results.Store(write, now);
        Publish(publish, now);
        if (completion is not null)
            _results.Append(completion);
    }

    private bool IsRevoked(string taskId, DateTimeOffset now) => _revoked.TryGetValue(taskId, out DateTimeOffset until) && until > now;
}
