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
    private readonly Dictionary<string, QueuePause> _paused = new(StringComparer.Ordinal);
    private readonly InMemoryRates _rates = new();
    private readonly Func<DateTimeOffset, int> _pruneOthers;
    private readonly Action<string> _forgetSteps;

    public InMemoryBroker(Lock gate, TimeProvider time, InMemoryResultStore results, Func<DateTimeOffset, int> pruneOthers, Action<string> forgetSteps)
    {
        _pruneOthers = pruneOthers;
        _forgetSteps = forgetSteps;
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
            DateTimeOffset? rateFree = null;
            foreach (IGrouping<int, QueueClaim> tier in request.Queues.GroupBy(claim => claim.Tier).OrderBy(tier => tier.Key))
                ClaimTier(request, [.. tier.Select(claim => new ClaimedQueue(claim))], deliveries, now, ref rateFree);
            return new(new ClaimResult(deliveries, Earlier(_messages.NextDue, rateFree)));
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
            return new(message is null ? null : _messages.Lease(message, worker, now, leaseDuration, IsRevoked(taskId, now)));
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
            return new(message is null ? null : Locate(message));
        }
    }

    public ValueTask<IReadOnlyList<DateTimeOffset?>> ReserveAsync(IReadOnlyList<RateReservation> wanted, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new([.. wanted.Select(one => _rates.Reserve(one, _time.GetUtcNow()))]);
    }

    public ValueTask FreeKeysAsync(IReadOnlyList<UniqueHold> holds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            foreach (UniqueHold hold in holds)
                _keys.Free(hold.Key, hold.TaskId);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> SetPauseAsync(string queue, QueuePause? pause, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            bool was = _paused.Remove(queue);
            if (pause is not null)
                _paused.Add(queue, pause);
            _messages.Declare(queue);
            foreach (InMemoryQueue resumed in _messages.Queues.Where(one => one.Name == queue || QueueNames.BaseOf(one.Name) == queue))
                _messages.Ring(resumed.Name);
            return new(was);
        }
    }

    public ValueTask<IReadOnlyList<MessageHolder>> GetHoldersAsync(string queue, int max, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new([.. _messages.InFlight
                .Where(held => held.Message.Queue == queue || held.Scope == queue)
                .Take(max)
                .Select(held => new MessageHolder(held.Message.TaskId, held.Worker!, held.ClaimedAt, held.LeaseDeadline))]);
        }
    }

    public ValueTask<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            return new([.. _messages.Queues
                .Select(queue => queue.GetStatus() with { Paused = _paused.GetValueOrDefault(queue.Name), RateFreeAt = _rates.FreeAt(queue.Name, now) })
                .OrderBy(status => status.Name, StringComparer.Ordinal)]);
        }
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
            _rates.Prune(now);
            int pruned = forgiven.Length + _keys.Prune(now) + _results.Prune(now) + _pruneOthers(now);
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

    private void ClaimTier(ClaimRequest request, ClaimedQueue[] tier, List<Delivery> deliveries, DateTimeOffset now, ref DateTimeOffset? rateFree)
    {
        while (deliveries.Count < request.Max)
        {
            ClaimedQueue? best = null;
            (int Priority, long LastServed) bestRank = default;
            foreach (ClaimedQueue claim in tier)
            {
                if (claim.Left <= 0 || _messages.FindQueue(claim.Name) is not { Ready.Min: { } head } queue || !HasRoom(claim, queue, now, ref rateFree))
                    continue;
                (int, long) rank = (head.Message.Priority, queue.LastServed);
                if (best is null || rank.CompareTo(bestRank) < 0)
                    (best, bestRank) = (claim, rank);
            }

            if (best is null)
                return;
            best.Left--;
            if (best.Limits?.Rate is { } rate)
                _rates.Take(best.Scope!, rate, 1, now);
            HeldMessage message = _messages.FindQueue(best.Name)!.Ready.Min!;
            deliveries.Add(_messages.Lease(message, request.Worker, now, request.LeaseDuration, IsRevoked(message.Message.TaskId, now), best.Scope));
        }
    }

    private bool HasRoom(ClaimedQueue claim, InMemoryQueue queue, DateTimeOffset now, ref DateTimeOffset? rateFree)
    {
        if (_paused.Count > 0 && (_paused.ContainsKey(claim.Name) || _paused.ContainsKey(QueueNames.BaseOf(claim.Name))))
            return false;
        if (claim.Limits is not { } limits)
            return true;
        int? most = limits.Ordered ? 1 : limits.Concurrency;
        if (most <= _messages.CountInFlight(claim.Scope!) || (limits.Ordered && queue.KeptPlaces > 0))
            return false;
        if (limits.Rate is not { } rate || _rates.Count(claim.Scope!, rate, now) > 0)
            return true;
        rateFree = Earlier(rateFree, _rates.FreeAt(claim.Scope!, now));
        return false;
    }

    private TaskLocation Locate(HeldMessage message)
    {
        MessagePlace place = message.Place;
        InMemoryQueue? queue = _messages.FindQueue(message.Message.Queue);
        bool held = place == MessagePlace.InFlight;
        return new TaskLocation(
            place, message.Message.Queue, message.Worker, message.DeliveryCount, place == MessagePlace.Delayed ? message.NotBefore : null)
        {
            Ahead = place == MessagePlace.Ready ? queue!.Ready.TakeWhile(other => other != message).LongCount() : null,
            ClaimedAt = held ? message.ClaimedAt : null,
            Deadline = held ? message.LeaseDeadline : null,
            WaitsForRate = place == MessagePlace.Delayed && _rates.HasPlace(message.Message.TaskId),
            Reason = message.DeathReason,
            Revoked = IsRevoked(message.Message.TaskId, _time.GetUtcNow()),
            Expires = EnvelopeExpiry.Of(message.Message.Envelope),
        };
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

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
        if (settlement is { ForgetsSteps: true, Completion: { } done })
            _forgetSteps(done.TaskId);
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

    /// <summary>A queue of a claim, and how many it may still give.</summary>
    private sealed class ClaimedQueue(QueueClaim claim)
    {
        public string Name => claim.Queue;

        public QueueLimits? Limits => claim.Limits;

        public string? Scope { get; } = claim.Limits is { } limits ? limits.Scope ?? claim.Queue : null;

        public int Left { get; set; } = claim.Max ?? int.MaxValue;
    }
}
