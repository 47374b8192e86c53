namespace Essaim.Testing;

/// <summary>An in-memory backend whose broker remembers what was sent.</summary>
internal sealed class RecordingBackend(TimeProvider time) : IBackend
{
    private readonly InMemoryBackend _inner = new(time);
    private RecordingBroker? _broker;

    public RecordingBroker Recorder => _broker ??= new RecordingBroker(_inner.Broker);

    public string DisplayUrl => _inner.DisplayUrl;

    public TimeProvider Clock => _inner.Clock;

    public IBroker Broker => Recorder;

    public IResultStore Results => _inner.Results;

    public IEventBus Events => _inner.Events;

    public IControlBus Control => _inner.Control;

    public IConfigStore Configuration => _inner.Configuration;

    public IScheduleStore Schedules => _inner.Schedules;

    public IStepStore Steps => _inner.Steps;

    public IBlobStore Blobs => _inner.Blobs;

    public ITaskLogStore Logs => _inner.Logs;

    public ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken) => _inner.CheckAsync(cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
