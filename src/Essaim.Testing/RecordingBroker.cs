namespace Essaim.Testing;

/// <summary>A broker that remembers what was sent, by whom it was accepted, in order.</summary>
internal sealed class RecordingBroker(IBroker inner) : IBroker
{
    private readonly Lock _gate = new();
    private readonly List<EnqueuedTask> _sent = [];

    public IReadOnlyList<EnqueuedTask> Sent
    {
        get
        {
            lock (_gate)
                return [.. _sent];
        }
    }

    public void Clear()
    {
        lock (_gate)
            _sent.Clear();
    }

    public async ValueTask<IReadOnlyList<PublishOutcome>> PublishAsync(Outgoing outgoing, CancellationToken cancellationToken)
    {
        IReadOnlyList<PublishOutcome> outcomes = await inner.PublishAsync(outgoing, cancellationToken);
        lock (_gate)
            _sent.AddRange(outgoing.Messages.Where((_, index) => outcomes[index].Accepted).Select(message => new EnqueuedTask(message)));
        return outcomes;
    }

    public async ValueTask<IReadOnlyList<SettleOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        IReadOnlyList<SettleOutcome> outcomes = await inner.SettleAsync(settlements, cancellationToken);
        lock (_gate)
        {
            _sent.AddRange(settlements.Where((_, index) => outcomes[index] == SettleOutcome.Settled)
                .SelectMany(settlement => settlement.Publish.Messages).Select(message => new EnqueuedTask(message)));
        }

        return outcomes;
    }

    public ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) => inner.ClaimAsync(request, cancellationToken);

    public ValueTask<Delivery?> ClaimTaskAsync(string taskId, string worker, TimeSpan leaseDuration, CancellationToken cancellationToken) =>
        inner.ClaimTaskAsync(taskId, worker, leaseDuration, cancellationToken);

    public ValueTask<IReadOnlyList<Lease?>> RenewAsync(IReadOnlyList<Lease> leases, TimeSpan duration, CancellationToken cancellationToken) =>
        inner.RenewAsync(leases, duration, cancellationToken);

    public ValueTask<IWorkSignal> ListenAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) =>
        inner.ListenAsync(queues, cancellationToken);

    public ValueTask MarkRevokedAsync(IReadOnlyList<string> taskIds, TimeSpan keep, CancellationToken cancellationToken) =>
        inner.MarkRevokedAsync(taskIds, keep, cancellationToken);

    public ValueTask<IReadOnlyList<DateTimeOffset?>> ReserveAsync(IReadOnlyList<RateReservation> wanted, CancellationToken cancellationToken) =>
        inner.ReserveAsync(wanted, cancellationToken);

    public ValueTask FreeKeysAsync(IReadOnlyList<UniqueHold> holds, CancellationToken cancellationToken) => inner.FreeKeysAsync(holds, cancellationToken);

    public ValueTask<bool> SetPauseAsync(string queue, QueuePause? pause, CancellationToken cancellationToken) =>
        inner.SetPauseAsync(queue, pause, cancellationToken);

    public ValueTask<IReadOnlyList<MessageHolder>> GetHoldersAsync(string queue, int max, CancellationToken cancellationToken) =>
        inner.GetHoldersAsync(queue, max, cancellationToken);

    public ValueTask<TaskLocation?> FindAsync(string taskId, CancellationToken cancellationToken) => inner.FindAsync(taskId, cancellationToken);

    public ValueTask<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken) => inner.GetQueuesAsync(cancellationToken);

    public ValueTask<int> PurgeAsync(string queue, CancellationToken cancellationToken) => inner.PurgeAsync(queue, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int max, CancellationToken cancellationToken) =>
        inner.GetDeadLettersAsync(max, cancellationToken);

    public ValueTask<bool> ReplayAsync(string messageId, CancellationToken cancellationToken) => inner.ReplayAsync(messageId, cancellationToken);

    public ValueTask<SweepReport> SweepAsync(CancellationToken cancellationToken) => inner.SweepAsync(cancellationToken);
}
