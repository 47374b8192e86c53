using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Ends deliveries at the broker: whatever has ended while the last batch was under way goes in one call. An outcome is never dropped
/// while its lease holds: when the broker fails, the settler tries again for as long as it takes.
/// </summary>
internal sealed class Settler(
    IBroker broker, SettlementDrafter drafter, Ledger ledger, TaskReporter reporter, StateRecorder recorder, WorkerMetrics metrics, Wake demand,
    TimeProvider time, Random random, ILogger logger)
{
    private const int MostInBatch = 256;
    private const int FarBehind = 1024;
    private readonly Channel<Ending> _endings = Channel.CreateUnbounded<Ending>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<Ending> _drafted = Channel.CreateUnbounded<Ending>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Backoff _backoff = new(time, random);
    private int _pending;
    private bool _alone;

    /// <summary>True while so much waits to be settled that nothing new should be claimed.</summary>
    public bool IsFarBehind => Pending > FarBehind || _backoff.IsFailing;

    /// <summary>Deliveries that have ended and are not settled.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>A task ended with an outcome.</summary>
    public void End(ReservedTask task, TaskOutcome outcome) => Post(new Ending(task) { Outcome = outcome });

    /// <summary>A task's executor died: back to the front, or to the dead letters once it has done so too often.</summary>
    public void Lose(ReservedTask task, EndCause cause) => Post(new Ending(task) { Cause = cause });

    /// <summary>A task did not run: it goes back as if never claimed.</summary>
    public void Release(ReservedTask task) =>
        Post(new Ending(task) { Settlement = new Settlement { Lease = task.Delivery.Lease, Action = SettleAction.Release } });

    /// <summary>A task waits at the broker until then, as if never claimed.</summary>
    public void Park(ReservedTask task, DateTimeOffset until) =>
        Post(new Ending(task) { Settlement = new Settlement { Lease = task.Delivery.Lease, Action = SettleAction.Park, NotBefore = until } });

    /// <summary>A delivery the worker refuses, with what is to be told of it.</summary>
    public void Refuse(Settlement settlement, string? taskId, TaskOutcome? told) =>
        Post(new Ending(null) { Settlement = settlement, Outcome = told, TaskId = taskId });

    /// <summary>A task whose lease was lost: nothing is settled.</summary>
    public void Drop(ReservedTask task)
    {
        task.Ended = true;
        WorkerLog.LeaseLost(logger, task.ShownName, task.Message.Id);
        reporter.Dropped(task.Message.Id, "its lease was lost before it had ended");
        metrics.LeaseLost();
        ledger.Remove(task);
    }

    /// <summary>Settles until <see cref="Complete"/>, then what is left.</summary>
    /// <param name="giveUp">Ends it even so; what is unsettled comes back when its lease runs out.</param>
    public async Task RunAsync(CancellationToken giveUp)
    {
        // What follows a task is worked out while the broker does the batch before.
        Task drafting = Task.Run(() => DraftAllAsync(giveUp), CancellationToken.None);
        List<Ending> batch = [];
        try
        {
            while (await _drafted.Reader.WaitToReadAsync(giveUp))
            {
                while (batch.Count < MostInBatch && _drafted.Reader.TryRead(out Ending? ending))
                    batch.Add(ending);
                while (batch.Count > 0)
                    await SettleAsync(batch, giveUp);
            }
        }
        catch (OperationCanceledException)
        {
            // Given up.
        }

        await drafting;
    }

    /// <summary>Nothing more will come.</summary>
    public void Complete() => _endings.Writer.TryComplete();

    private void Post(Ending ending)
    {
        if (ending.Task is { } task)
            task.Ended = true;
        Interlocked.Increment(ref _pending);
        _endings.Writer.TryWrite(ending);
    }

    private async Task DraftAllAsync(CancellationToken giveUp)
    {
        try
        {
            await foreach (Ending ending in _endings.Reader.ReadAllAsync(giveUp))
            {
                if (ending.Task is { } task)
                {
                    reporter.LogEnds(task);
                    if (task.Reports.HasProgress)
                        await recorder.FlushAsync(task);
                }

                drafter.Draft(ending);
                _drafted.Writer.TryWrite(ending);
            }

            _drafted.Writer.TryComplete();
        }
        catch (OperationCanceledException)
        {
            // Given up.
        }
        catch (Exception fault)
        {
            // Seen by whoever runs the settler, instead of tasks that never end.
            _drafted.Writer.TryComplete(fault);
        }
    }

    private async Task SettleAsync(List<Ending> batch, CancellationToken giveUp)
    {
        batch.RemoveAll(DropIfLost);
        if (batch.Count == 0)
            return;
        // After two failures one settlement may be at fault: each by itself, so that it holds up no other.
        if (!_alone)
        {
            if (await TrySettleAsync(batch))
                batch.Clear();
        }
        else
        {
            foreach (Ending ending in batch.ToArray())
            {
                if (await TrySettleAsync([ending]))
                    batch.Remove(ending);
            }
        }

        if (batch.Count > 0)
            await _backoff.WaitAsync(giveUp);
        _alone = batch.Count > 0;
        demand.Signal();
    }

    private async Task<bool> TrySettleAsync(List<Ending> batch)
    {
        try
        {
            IReadOnlyList<SettleOutcome> outcomes = await broker.SettleAsync([.. batch.Select(ending => ending.Settlement!)], CancellationToken.None);
            if (_backoff.Succeed())
                WorkerLog.SettlesAgain(logger);
            for (int index = 0; index < batch.Count; index++)
                Settled(batch[index], outcomes[index]);
            return true;
        }
        catch (Exception refusal) when (refusal is FormatException or ArgumentException or PayloadTooLargeException && batch.Count == 1)
        {
            // No time will make it right: the message is kept where people see it, and the others go on.
            Bury(batch[0], refusal);
            _backoff.Fail();
            return false;
        }
        catch (Exception failure)
        {
            if (_backoff.Fail())
                WorkerLog.SettleFails(logger, failure);
            foreach (Ending ending in batch)
                ending.MayBeSettled = true;
            return false;
        }
    }

    private void Bury(Ending ending, Exception refusal)
    {
        string reason = $"Task {ending.TaskId} ended, but the broker refuses what follows it: {refusal.Message}";
        WorkerLog.DeadLetter(logger, reason);
        ending.Outcome = null;
        ending.Settlement = new Settlement { Lease = ending.Settlement!.Lease, Action = SettleAction.DeadLetter, Reason = reason };
    }

    private bool DropIfLost(Ending ending)
    {
        bool lost = ending.Task is { Verdict: Verdict.LeaseLost };
        if (lost)
            Interlocked.Decrement(ref _pending);
        return lost;
    }

    private static string Lateness(Ending ending) => ending.MayBeSettled
        ? "it had ended, but its lease was lost before the broker answered; unless it had heeded what it did not answer, another worker has the task"
        : "it had ended, but its lease was lost before";

    private void Settled(Ending ending, SettleOutcome outcome)
    {
        Interlocked.Decrement(ref _pending);
        if (ending.Task is { } task)
            ledger.Remove(task);
        if (outcome == SettleOutcome.StaleLease)
        {
            WorkerLog.StaleSettlement(logger, ending.TaskId ?? "", ending.Settlement!.Action);
            if (ending is { Task: not null, TaskId: { } dropped })
                reporter.Dropped(dropped, Lateness(ending));
            metrics.LeaseLost();
        }
        else if (ending is { Outcome: { } told, TaskId: { } id })
        {
            reporter.Ended(id, told);
            metrics.Ended(ending.Task, told);
        }
    }
}
