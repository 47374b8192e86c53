using Essaim.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Testing;

/// <summary>
/// Everything a test of tasks needs, in memory: a client, a worker that runs only when told, a clock that moves only when told, and a
/// record of all that was sent. Run one handler alone with <see cref="RunAsync(ITaskArgs, int, CancellationToken)"/>, or send with
/// <see cref="Client"/> and let <see cref="Worker"/> work.
/// </summary>
public sealed class TaskTestHost : IAsyncDisposable
{
    private readonly RecordingBackend _backend;
    private readonly ServiceProvider _services;

    /// <summary>Makes the host.</summary>
    /// <param name="configure">Registers handlers, tasks and (fake) services.</param>
    /// <param name="start">Where the clock stands; default 2026-01-01 00:00 UTC.</param>
    /// <exception cref="TaskDefinitionException"><c>ESS1102</c>: a task is defined wrongly.</exception>
    public TaskTestHost(Action<IServiceCollection> configure, DateTimeOffset? start = null)
    {
        Time = new FakeTimeProvider(start);
        _backend = new RecordingBackend(Time);
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IBackend>(_backend);
        services.AddEssaim();
        configure(services);
        _services = services.BuildServiceProvider();
        Registry = _services.GetRequiredService<TaskRegistry>();
        Client = _services.GetRequiredService<TaskClient>();
        Worker = new TestWorker(
            _backend, _services.GetRequiredService<ITaskRunner>(), _services.GetRequiredService<ISettlementPlanner>(), Registry, _services.GetRequiredService<QueueRegistry>(), Time);
    }

    /// <summary>The clock.</summary>
    public FakeTimeProvider Time { get; }

    /// <summary>Sends into <see cref="Backend"/>.</summary>
    public TaskClient Client { get; }

    /// <summary>The in-memory backend.</summary>
    public IBackend Backend => _backend;

    /// <summary>The registered tasks.</summary>
    public TaskRegistry Registry { get; }

    /// <summary>Runs what was sent.</summary>
    public TestWorker Worker { get; }

    /// <summary>The services.</summary>
    public IServiceProvider Services => _services;

    /// <summary>Everything sent so far, in order: by the client, by handlers, and by what follows tasks.</summary>
    public IReadOnlyList<EnqueuedTask> Enqueued => _backend.Recorder.Sent;

    /// <summary>Forgets what was sent so far.</summary>
    public void ClearEnqueued() => _backend.Recorder.Clear();

    /// <summary>Runs the handler of <paramref name="args"/> once, here and now, without a broker; nothing is settled.</summary>
    /// <param name="args">Arguments; they go through JSON, as in a message.</param>
    /// <param name="attempt">1 for the first attempt.</param>
    /// <param name="stop">Cancels the handler as a soft time limit does.</param>
    public Task<TaskRun> RunAsync(ITaskArgs args, int attempt = 1, CancellationToken stop = default) =>
        RunAsync(TaskSignature.Of(args, null, Client.Json), attempt, stop);

    /// <summary>As the other, for tasks by name.</summary>
    /// <param name="name">Task name.</param>
    /// <param name="args">Positional arguments.</param>
    /// <param name="kwargs">Keyword arguments.</param>
    /// <param name="attempt">1 for the first attempt.</param>
    /// <param name="stop">Cancels the task as a soft time limit does.</param>
    public Task<TaskRun> RunAsync(
        string name, IReadOnlyList<object?>? args = null, IReadOnlyDictionary<string, object?>? kwargs = null, int attempt = 1, CancellationToken stop = default) =>
        RunAsync(Client.Signature(name, args, kwargs), attempt, stop);

    /// <summary>Asserts that exactly one task of this type was sent (that fits), and returns its arguments.</summary>
    /// <typeparam name="TArgs">Arguments record.</typeparam>
    /// <param name="fits">Which of them; null: any.</param>
    /// <exception cref="EnqueuedAssertException">None or several were sent; the text lists what was.</exception>
    public TArgs RequireEnqueued<TArgs>(Func<TArgs, bool>? fits = null)
        where TArgs : ITaskArgs
    {
        IReadOnlyList<TArgs> found = [.. GetEnqueued<TArgs>().Where(args => fits?.Invoke(args) ?? true)];
        return found.Count == 1
            ? found[0]
            : throw new EnqueuedAssertException(
                $"One {typeof(TArgs).Name}{(fits is null ? "" : " that fits")} was to be sent, but {found.Count} were. Sent were: {List()}.");
    }

    /// <summary>Asserts that no task of this type was sent.</summary>
    /// <typeparam name="TArgs">Arguments record.</typeparam>
    /// <exception cref="EnqueuedAssertException">Some were sent; the text lists what was.</exception>
    public void RequireNotEnqueued<TArgs>()
        where TArgs : ITaskArgs
    {
        if (GetEnqueued<TArgs>() is { Count: > 0 } found)
            throw new EnqueuedAssertException($"No {typeof(TArgs).Name} was to be sent, but {found.Count} were. Sent were: {List()}.");
    }

    /// <summary>The arguments of all tasks of this type that were sent, in order.</summary>
    /// <typeparam name="TArgs">Arguments record.</typeparam>
    public IReadOnlyList<TArgs> GetEnqueued<TArgs>()
        where TArgs : ITaskArgs
    {
        TaskArgsShape shape = TaskArgsShape.Of(typeof(TArgs), Client.Json);
        ArgumentBinder binder = new(shape.Name, shape.Parameters, Client.Json);
        return [.. Enqueued.Where(task => task.Name == shape.Name).Select(task => (TArgs)shape.Create(binder.Bind(task.Body.Args, task.Body.Kwargs)))];
    }

    /// <summary>Disposes services and client.</summary>
    public ValueTask DisposeAsync() => _services.DisposeAsync();

    /// <summary>As the other, for signatures.</summary>
    /// <param name="signature">A single task.</param>
    /// <param name="attempt">1 for the first attempt.</param>
    /// <param name="stop">Cancels the task as a soft time limit does.</param>
    public async Task<TaskRun> RunAsync(Signature signature, int attempt = 1, CancellationToken stop = default)
    {
        int sentBefore = Enqueued.Count;
        MessageFactory messages = new(new TaskClientOptions { Registry = Registry }, Registry, Time);
        Signature frozen = messages.Freezer.Freeze(signature).Signature;
        OutgoingMessage outgoing = messages.Create(frozen, frozen.Args, TaskEmbed.Empty, null, null);
        TaskMessage message = MessageCodec.Decode(outgoing.Envelope) with { Retries = attempt - 1 };
        ReportRecorder reports = new();
        TaskOutcome outcome = await _services.GetRequiredService<ITaskRunner>().RunAsync(
            message, 1, message.TimeLimits.Soft, PolicyOf(message), reports, () => CancelReason.SoftTimeLimit, CancellationToken.None, stop);
        return new TaskRun
        {
            State = StateOf(outcome.Kind),
            Result = outcome.Result,
            Error = outcome.Error,
            Traceback = outcome.Traceback,
            RetryAfter = outcome.RetryAfter,
            Progress = reports.Progress,
            Log = reports.Log,
            Enqueued = [.. Enqueued.Skip(sentBefore)],
            Json = Client.Json,
        };
    }

    private string List() => Enqueued.Count == 0 ? "none" : string.Join("; ", Enqueued);

    private static TaskState StateOf(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Success => TaskState.Success,
        OutcomeKind.Failure => TaskState.Failure,
        OutcomeKind.Retry => TaskState.Retry,
        OutcomeKind.Revoked => TaskState.Revoked,
        OutcomeKind.Ignored => new TaskState("IGNORED"),
        _ => TaskState.Rejected,
    };

    private RetryPolicy? PolicyOf(TaskMessage message) => _services.GetRequiredService<QueueRegistry>().Find(message.RoutingKey)?.RetryPolicy;
}
