namespace Essaim.Server.Tests;

/// <summary>A backend in memory that outlives the core, as a file does, and can be made to fail part by part.</summary>
internal sealed class NamedBackend(TimeProvider? time = null) : IBackend
{
    private readonly InMemoryBackend _inner = new(time ?? TimeProvider.System);

    /// <summary>What <see cref="CheckAsync"/> and results say is wrong; null: nothing.</summary>
    public string? Failure { get; set; }

    public string DisplayUrl => "test:one";

    public TimeProvider Clock => _inner.Clock;

    public IBroker Broker => Failure is null ? _inner.Broker : throw new BackendException("ESS9999", Failure);

    public IResultStore Results => Failure is null ? _inner.Results : throw new BackendException("ESS9999", Failure);

    public IEventBus Events => _inner.Events;

    public IControlBus Control => _inner.Control;

    public IConfigStore Configuration => _inner.Configuration;

    public IScheduleStore Schedules => _inner.Schedules;

    public IStepStore Steps => _inner.Steps;

    public IBlobStore Blobs => _inner.Blobs;

    public ITaskLogStore Logs => _inner.Logs;

    public ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken) =>
        Failure is null ? _inner.CheckAsync(cancellationToken) : ValueTask.FromResult(new BackendHealth(false, Failure));

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
