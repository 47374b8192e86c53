using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>A backend whose broker can be made to fail, as a busy file or a full disk would.</summary>
internal sealed class FailingBackend(InMemoryBackend inner) : IBackend, IBroker
{
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _failing;
    private volatile bool _hanging;
    private volatile int _claims;
    private volatile int _listens;
    private Task<ClaimResult>? _hung;

    public bool Failing
    {
        get => _failing;
        set => _failing = value;
    }

    /// <summary>Claims are not answered, whatever their token says.</summary>
    public bool Hanging
    {
        get => _hanging;
        set => _hanging = value;
    }

    /// <summary>Claims begun.</summary>
    public int Claims => _claims;

    /// <summary>Times the broker was listened to.</summary>
    public int Listens => _listens;

    /// <summary>The task whose settlement the broker refuses as wrong, unless it goes to the dead letters.</summary>
    public string? Refused { get; init; }

    public string DisplayUrl => inner.DisplayUrl;

    public TimeProvider Clock => inner.Clock;

    public IBroker Broker => this;

    public IResultStore Results => inner.Results;

    public IEventBus Events => inner.Events;

    public IControlBus Control => inner.Control;

    public IConfigStore Configuration => inner.Configuration;

    public IScheduleStore Schedules => inner.Schedules;

    public IStepStore Steps => inner.Steps;

    public IBlobStore Blobs => inner.Blobs;

    public ITaskLogStore Logs => inner.Logs;

    private IBroker Working => _failing ? throw new IOException("database is locked") : inner.Broker;

    public ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);

    public ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _claims);
        return _hanging ? new ValueTask<ClaimResult>(_hung = HangAsync(request)) : Working.ClaimAsync(request, cancellationToken);
    }

    /// <summary>Answers the claim that hangs.</summary>
    public async Task AnswerHangingAsync()
    {
        _answers.SetResult();
        await _hung!;
    }

    private async Task<ClaimResult> HangAsync(ClaimRequest request)
    {
        await _answers.Task;
        return await inner.Broker.ClaimAsync(request, CancellationToken.None);
    }

    public ValueTask<IReadOnlyList<Lease?>> RenewAsync(IReadOnlyList<Lease> leases, TimeSpan duration, CancellationToken cancellationToken) =>
        Working.RenewAsync(leases, duration, cancellationToken);

    public ValueTask<IReadOnlyList<SettleOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken) =>
        settlements.Any(one => one.Completion is { } completion && completion.TaskId == Refused)
            ? throw new MessageFormatException("a chord part is wrong")
            : Working.SettleAsync(settlements, cancellationToken);

    public ValueTask<SweepReport> SweepAsync(CancellationToken cancellationToken) => Working.SweepAsync(cancellationToken);

    public ValueTask<IReadOnlyList<PublishOutcome>> PublishAsync(Outgoing outgoing, CancellationToken cancellationToken) =>
        inner.Broker.PublishAsync(outgoing, cancellationToken);

    public ValueTask<Delivery?> ClaimTaskAsync(string taskId, string worker, TimeSpan leaseDuration, CancellationToken cancellationToken) =>
        inner.Broker.ClaimTaskAsync(taskId, worker, leaseDuration, cancellationToken);

    public ValueTask<IWorkSignal> ListenAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _listens);
        return inner.Broker.ListenAsync(queues, cancellationToken);
    }

    public ValueTask MarkRevokedAsync(IReadOnlyList<string> taskIds, TimeSpan keep, CancellationToken cancellationToken) =>
        inner.Broker.MarkRevokedAsync(taskIds, keep, cancellationToken);

    public ValueTask<IReadOnlyList<DateTimeOffset?>> ReserveAsync(IReadOnlyList<RateReservation> wanted, CancellationToken cancellationToken) =>
        inner.Broker.ReserveAsync(wanted, cancellationToken);

    public ValueTask FreeKeysAsync(IReadOnlyList<UniqueHold> holds, CancellationToken cancellationToken) => inner.Broker.FreeKeysAsync(holds, cancellationToken);

    public ValueTask<bool> SetPauseAsync(string queue, QueuePause? pause, CancellationToken cancellationToken) =>
        inner.Broker.SetPauseAsync(queue, pause, cancellationToken);

    public ValueTask<IReadOnlyList<MessageHolder>> GetHoldersAsync(string queue, int max, CancellationToken cancellationToken) =>
        inner.Broker.GetHoldersAsync(queue, max, cancellationToken);

    public ValueTask<TaskLocation?> FindAsync(string taskId, CancellationToken cancellationToken) => inner.Broker.FindAsync(taskId, cancellationToken);

    public ValueTask<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken) => inner.Broker.GetQueuesAsync(cancellationToken);

    public ValueTask<int> PurgeAsync(string queue, CancellationToken cancellationToken) => inner.Broker.PurgeAsync(queue, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int max, CancellationToken cancellationToken) =>
        inner.Broker.GetDeadLettersAsync(max, cancellationToken);

    public ValueTask<bool> ReplayAsync(string messageId, CancellationToken cancellationToken) => inner.Broker.ReplayAsync(messageId, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
