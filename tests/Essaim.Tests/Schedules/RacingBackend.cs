namespace Essaim.Tests.Schedules;

/// <summary>A backend whose schedule list is handed out only when all racers have asked for it, so that all act on the same reading.</summary>
internal sealed class RacingBackend(IBackend inner, int racers) : IBackend, IScheduleStore
{
    private readonly TaskCompletionSource _allHaveRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _readers;

    public string DisplayUrl => inner.DisplayUrl;

    public TimeProvider Clock => inner.Clock;

    public IBroker Broker => inner.Broker;

    public IResultStore Results => inner.Results;

    public IEventBus Events => inner.Events;

    public IControlBus Control => inner.Control;

    public IConfigStore Configuration => inner.Configuration;

    public IScheduleStore Schedules => this;

    public IStepStore Steps => inner.Steps;

    public IBlobStore Blobs => inner.Blobs;

    public ITaskLogStore Logs => inner.Logs;

    public ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    public async ValueTask<IReadOnlyList<ScheduleRecord>> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ScheduleRecord> read = await inner.Schedules.ListAsync(cancellationToken);
        if (Interlocked.Increment(ref _readers) == racers)
            _allHaveRead.SetResult();
        await _allHaveRead.Task.WaitAsync(cancellationToken);
        return read;
    }

    public ValueTask PutAsync(ScheduleRecord schedule, CancellationToken cancellationToken) => inner.Schedules.PutAsync(schedule, cancellationToken);

    public ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken) => inner.Schedules.RemoveAsync(name, cancellationToken);

    public ValueTask<bool> TryFireAsync(
        string name, DateTimeOffset? expectedNextRun, DateTimeOffset lastRun, string? lastTaskId, DateTimeOffset? nextRun, Outgoing outgoing,
        CancellationToken cancellationToken) =>
        inner.Schedules.TryFireAsync(name, expectedNextRun, lastRun, lastTaskId, nextRun, outgoing, cancellationToken);
}
