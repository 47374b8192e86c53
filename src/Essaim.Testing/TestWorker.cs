using Essaim.Protocol;

namespace Essaim.Testing;

/// <summary>
/// Runs what waits in a backend, with the real runner and settlement rules, one task after the other, in the caller's flow and on the
/// test's clock. Made by <see cref="TaskTestHost"/>.
/// </summary>
public sealed class TestWorker
{
    private const string Name = "test@worker";
    private readonly IBackend _backend;
    private readonly ITaskRunner _runner;
    private readonly ISettlementPlanner _planner;
    private readonly TaskRegistry _registry;
    private readonly QueueRegistry _queues;
    private readonly FakeTimeProvider _time;

    internal TestWorker(IBackend backend, ITaskRunner runner, ISettlementPlanner planner, TaskRegistry registry, QueueRegistry queues, FakeTimeProvider time)
    {
        _backend = backend;
        _runner = runner;
        _planner = planner;
        _registry = registry;
        _queues = queues;
        _time = time;
    }

    /// <summary>Runs tasks until nothing is ready, whatever the queue. Delayed tasks wait for the clock. Returns how many ran.</summary>
    /// <exception cref="InvalidOperationException">10,000 tasks ran and more are ready: they feed themselves.</exception>
    public async Task<int> RunUntilIdleAsync(CancellationToken cancellationToken = default)
    {
        const int Most = 10_000;
        for (int ran = 0; ran < Most; ran++)
        {
            ClaimResult claim = await ClaimAsync(cancellationToken);
            if (claim.Deliveries.Count == 0)
                return ran;
            await RunAsync(claim.Deliveries[0], cancellationToken);
        }

        throw new InvalidOperationException($"{Most} tasks ran and more are ready. A task seems to send itself for ever.");
    }

    /// <summary>As <see cref="RunUntilIdleAsync"/>, moving the clock by <paramref name="time"/>: each delayed task runs at its own instant.</summary>
    public async Task<int> RunForAsync(TimeSpan time, CancellationToken cancellationToken = default)
    {
        DateTimeOffset end = _time.GetUtcNow() + time;
        int ran = await RunUntilIdleAsync(cancellationToken);
        while ((await ClaimAsync(cancellationToken)).NextDue is { } due && due <= end)
        {
            TimeSpan step = due - _time.GetUtcNow();
            _time.Advance(step > TimeSpan.Zero ? step : TimeSpan.Zero);
            int more = await RunUntilIdleAsync(cancellationToken);
            ran += more;
            if (more == 0 && step <= TimeSpan.Zero)
                break;
        }

        TimeSpan left = end - _time.GetUtcNow();
        if (left > TimeSpan.Zero)
            _time.Advance(left);
        return ran + await RunUntilIdleAsync(cancellationToken);
    }

    private async ValueTask<ClaimResult> ClaimAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<QueueStatus> queues = await _backend.Broker.GetQueuesAsync(cancellationToken);
        if (queues.Count == 0)
            return new ClaimResult([], null);
        ClaimRequest request = new() { Worker = Name, Queues = [.. queues.Select(queue => new QueueClaim(queue.Name))], Max = 1 };
        return await _backend.Broker.ClaimAsync(request, cancellationToken);
    }

    private async Task RunAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        Settlement settlement;
        try
        {
            TaskMessage message = MessageCodec.Decode(delivery.Envelope);
            settlement = _planner.Plan(delivery, message, await RunAsync(delivery, message, cancellationToken), Name);
        }
        catch (MessageFormatException error)
        {
            settlement = _planner.PlanDeadLetter(delivery, null, error.Message, ExceptionDocument.Of(nameof(MessageFormatException), error.Message, "Essaim.Protocol"), Name);
        }

        await _backend.Broker.SettleAsync([settlement], cancellationToken);
    }

    private async ValueTask<TaskOutcome> RunAsync(Delivery delivery, TaskMessage message, CancellationToken cancellationToken)
    {
        if (delivery.Revoked)
            return Revoked("revoked");
        if (message.Expires < _time.GetUtcNow())
            return Revoked("expired");
        TaskOptions? options = _registry.TryGet(message.Task, out TaskDefinition? definition) ? definition.Options : null;
        if (options?.TrackStarted == true)
            await StoreAsync(message, TaskState.Started, RawJson.From(new { pid = Environment.ProcessId, hostname = Name }), cancellationToken);
        ReportRecorder reports = new();
        TimeSpan? soft = message.TimeLimits.Soft ?? options?.SoftTimeLimit;
        using CancellationTokenSource limit = soft is { } time ? new CancellationTokenSource(time, _time) : new CancellationTokenSource();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        TaskOutcome outcome = await _runner.RunAsync(
            message, delivery.DeliveryCount, soft, _queues.Find(delivery.Queue)?.RetryPolicy, reports, () => CancelReason.SoftTimeLimit, CancellationToken.None, stop.Token);
        if (reports.Progress is [.., var last])
            await StoreAsync(message, TaskState.Progress, last.Encode(), cancellationToken);
        return outcome;
    }

    private ValueTask StoreAsync(TaskMessage message, TaskState state, RawJson result, CancellationToken cancellationToken)
    {
        ResultDocument document = new() { TaskId = message.Id, State = state, Result = result };
        return _backend.Results.SetAsync(new ResultWrite(message.Id, state, document.Encode(), TimeSpan.FromDays(1)), cancellationToken);
    }

    private static TaskOutcome Revoked(string reason) => new() { Kind = OutcomeKind.Revoked, Reason = reason };
}
