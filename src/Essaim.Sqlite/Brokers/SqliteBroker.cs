using System.Runtime.ExceptionServices;

namespace Essaim.Sqlite;

/// <summary>Messages in the file.</summary>
internal sealed class SqliteBroker(SqliteEngine engine) : IBroker
{
    private volatile bool _expectsWork;

    public ValueTask<IReadOnlyList<PublishOutcome>> PublishAsync(Outgoing outgoing, CancellationToken cancellationToken)
    {
        outgoing.Check();
        return engine.WriteAsync<IReadOnlyList<PublishOutcome>>(step => Publishing.Publish(step, outgoing), durable: true, cancellationToken);
    }

    public async ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_expectsWork && engine.Read(database => Claiming.Peek(database, request, engine.Time.GetUtcNow())) is { } nothing)
            return nothing;
        ClaimResult claimed = await engine.WriteAsync(step => Claiming.Claim(step, request), durable: false, cancellationToken);
        _expectsWork = claimed.Deliveries.Count > 0;
        return claimed;
    }

    public ValueTask<Delivery?> ClaimTaskAsync(string taskId, string worker, TimeSpan leaseDuration, CancellationToken cancellationToken) =>
        engine.WriteAsync(step => Claiming.ClaimTask(step, taskId, worker, leaseDuration), durable: false, cancellationToken);

    public ValueTask<IReadOnlyList<Lease?>> RenewAsync(IReadOnlyList<Lease> leases, TimeSpan duration, CancellationToken cancellationToken) =>
        engine.WriteAsync<IReadOnlyList<Lease?>>(step => Claiming.Renew(step, leases, duration), durable: false, cancellationToken);

    public async ValueTask<IReadOnlyList<SettleOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        foreach (Settlement settlement in settlements)
            settlement.Publish.Check();
        if (settlements.Count == 0)
            return [];
        try
        {
            return await engine.WriteAsync(step => SettleAll(step, settlements), durable: true, cancellationToken);
        }
        catch (Exception error) when (settlements.Count > 1 && error is not BackendException and not OperationCanceledException)
        {
            // One of them cannot be carried out; it must not keep the others from it.
            return await SettleEachAsync(settlements, cancellationToken);
        }
    }

    public ValueTask<IWorkSignal> ListenAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) => new(engine.WorkBell.Listen(queues));

    public async ValueTask MarkRevokedAsync(IReadOnlyList<string> taskIds, TimeSpan keep, CancellationToken cancellationToken) =>
        await engine.WriteAsync(step => RevokedMarks.Mark(step, taskIds, keep), durable: true, cancellationToken);

    public ValueTask<IReadOnlyList<DateTimeOffset?>> ReserveAsync(IReadOnlyList<RateReservation> wanted, CancellationToken cancellationToken) =>
        engine.WriteAsync<IReadOnlyList<DateTimeOffset?>>(step => Rates.Reserve(step, wanted), durable: false, cancellationToken);

    public async ValueTask FreeKeysAsync(IReadOnlyList<UniqueHold> holds, CancellationToken cancellationToken) =>
        await engine.WriteAsync(step => UniqueKeys.FreeAll(step, holds), durable: false, cancellationToken);

    public ValueTask<bool> SetPauseAsync(string queue, QueuePause? pause, CancellationToken cancellationToken) =>
        engine.WriteAsync(step => Pauses.Set(step, queue, pause), durable: true, cancellationToken);

    public ValueTask<IReadOnlyList<MessageHolder>> GetHoldersAsync(string queue, int max, CancellationToken cancellationToken) =>
        new(engine.Read(database => BrokerReads.ReadHolders(database, queue, max)));

    public ValueTask<TaskLocation?> FindAsync(string taskId, CancellationToken cancellationToken) =>
        new(engine.Read(database => BrokerReads.Find(database, taskId, engine.Time.GetUtcNow())));

    public ValueTask<IReadOnlyList<string>> GetQueueNamesAsync(CancellationToken cancellationToken) => new(engine.Read(BrokerReads.ReadQueueNames));

    public ValueTask<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken) =>
        new(engine.Read(database => BrokerReads.ReadQueues(database, engine.Time.GetUtcNow())));

    public ValueTask<int> PurgeAsync(string queue, CancellationToken cancellationToken) =>
        engine.WriteAsync(step => Purging.Purge(step, queue), durable: true, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int max, CancellationToken cancellationToken) =>
        new(engine.Read(database => BrokerReads.ReadDeadLetters(database, max)));

    public ValueTask<bool> ReplayAsync(string messageId, CancellationToken cancellationToken) =>
        engine.WriteAsync(step => Purging.Replay(step, messageId), durable: true, cancellationToken);

    public ValueTask<SweepReport> SweepAsync(CancellationToken cancellationToken) => engine.WriteAsync(Sweeping.Sweep, durable: false, cancellationToken);

    private static SettleOutcome[] SettleAll(WriteStep step, IReadOnlyList<Settlement> settlements)
    {
        SettleOutcome[] outcomes = new SettleOutcome[settlements.Count];
        for (int i = 0; i < outcomes.Length; i++)
            outcomes[i] = Settling.Settle(step, settlements[i]);
        return outcomes;
    }

    private async Task<SettleOutcome[]> SettleEachAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        SettleOutcome[] outcomes = new SettleOutcome[settlements.Count];
        Exception? failure = null;
        for (int i = 0; i < outcomes.Length; i++)
        {
            Settlement settlement = settlements[i];
            try
            {
                outcomes[i] = await engine.WriteAsync(step => Settling.Settle(step, settlement), durable: true, cancellationToken);
            }
            catch (Exception error) when (error is not BackendException and not OperationCanceledException)
            {
                failure ??= error;
            }
        }

        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        return outcomes;
    }
}
