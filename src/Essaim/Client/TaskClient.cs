using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// Sends tasks and follows them. Opens its backend on first use; one client a program is enough. Safe on all threads.
/// Inside a running task, what it sends carries that task as its parent.
/// </summary>
public sealed class TaskClient : IAsyncDisposable
{
    private readonly TaskClientOptions _options;
    private readonly LazyBackend? _lazy;
    private readonly IBackend? _backend;
    private readonly ClientFollower? _follower;
    private MessageFactory? _messages;

    /// <summary>A client of the broker <paramref name="url"/> names; opened on first use, closed with the client.</summary>
    public TaskClient(string url, TaskClientOptions? options = null)
        : this(options)
    {
        _lazy = new LazyBackend(url, _options);
        if (_options.FollowConfiguration)
            _follower = new ClientFollower(_lazy, _options);
    }

    /// <summary>A client of an open backend, which stays the caller's to dispose.</summary>
    public TaskClient(IBackend backend, TaskClientOptions? options = null)
        : this(options) => _backend = backend;

    private TaskClient(TaskClientOptions? options)
    {
        _options = options ?? new TaskClientOptions();
        Json = _options.Json ?? EssaimJson.Options;
    }

    internal JsonSerializerOptions Json { get; }

    /// <summary>How long results are kept, and what goes with them.</summary>
    internal TimeSpan ResultsKept => _options.FindResultExpires() is { } span && span > TimeSpan.Zero ? span : TimeSpan.FromDays(3650);

    /// <summary>Of waiting only.</summary>
    internal TimeProvider Time => _options.Time ?? TimeProvider.System;

    /// <summary>The backend; opened if it is not yet.</summary>
    /// <exception cref="BackendException">It cannot be opened.</exception>
    public ValueTask<IBackend> GetBackendAsync(CancellationToken cancellationToken = default) =>
        _backend is not null ? ValueTask.FromResult(_backend) : _lazy!.GetAsync(cancellationToken);

    /// <summary>Sends a task without a result type.</summary>
    /// <param name="args">Its arguments, with a <see cref="TaskNameAttribute"/>.</param>
    /// <param name="options">What holds for this call.</param>
    /// <param name="cancellationToken">Stops waiting for the broker.</param>
    public async Task<TaskHandle> EnqueueAsync(ITaskArgs args, EnqueueOptions? options = null, CancellationToken cancellationToken = default) =>
        (await SendTasksAsync(() => [Of(args, options)], cancellationToken))[0].ToHandle(this);

    /// <summary>Sends a task.</summary>
    /// <typeparam name="TResult">What it returns.</typeparam>
    /// <param name="args">Its arguments, with a <see cref="TaskNameAttribute"/>.</param>
    /// <param name="options">What holds for this call.</param>
    /// <param name="cancellationToken">Stops waiting for the broker.</param>
    public async Task<TaskHandle<TResult>> EnqueueAsync<TResult>(
        ITaskArgs<TResult> args, EnqueueOptions? options = null, CancellationToken cancellationToken = default) =>
        (await SendTasksAsync(() => [Of(args, options)], cancellationToken))[0].ToHandle<TResult>(this);

    /// <summary>Sends many tasks in one step, all or none; same order.</summary>
    /// <param name="args">Arguments of each, of any types.</param>
    /// <param name="options">What holds for all of them; no id or unique key.</param>
    /// <param name="cancellationToken">Stops waiting for the broker.</param>
    public async Task<IReadOnlyList<TaskHandle>> EnqueueManyAsync(
        IEnumerable<ITaskArgs> args, EnqueueOptions? options = null, CancellationToken cancellationToken = default) =>
        [.. (await SendTasksAsync(() => [.. args.Select(call => Of(call, options))], cancellationToken)).Select(sent => sent.ToHandle(this))];

    /// <summary>Sends a task by name.</summary>
    /// <param name="name">Task name; it need not be known here.</param>
    /// <param name="args">Positional arguments; written as JSON.</param>
    /// <param name="kwargs">Keyword arguments; written as JSON.</param>
    /// <param name="options">What holds for this call.</param>
    /// <param name="cancellationToken">Stops waiting for the broker.</param>
    public async Task<TaskHandle> SendAsync(
        string name, IReadOnlyList<object?>? args = null, IReadOnlyDictionary<string, object?>? kwargs = null, EnqueueOptions? options = null,
        CancellationToken cancellationToken = default) =>
        (await SendTasksAsync(() => [Signature(name, args, kwargs, options)], cancellationToken))[0].ToHandle(this);

    /// <summary>Sends many tasks in one step, all or none; same order.</summary>
    /// <param name="calls">The calls.</param>
    /// <param name="cancellationToken">Stops waiting for the broker.</param>
    public async Task<IReadOnlyList<TaskHandle>> SendManyAsync(IReadOnlyList<TaskCall> calls, CancellationToken cancellationToken = default)
    {
        Signature[] signatures = [.. calls.Select(call => Signature(call.Name, call.Args, call.Kwargs, call.Options))];
        return [.. (await SendTasksAsync(() => signatures, cancellationToken)).Select(sent => sent.ToHandle(this))];
    }

    /// <summary>Sends a task by name and waits for its result; see <see cref="CanvasHandle.GetResultAsync{T}"/> for its errors.</summary>
    /// <typeparam name="T">Result type.</typeparam>
    /// <param name="name">Task name.</param>
    /// <param name="args">Positional arguments; written as JSON.</param>
    /// <param name="options">What holds for this call.</param>
    /// <param name="cancellationToken">Stops waiting; the task goes on.</param>
    public async Task<T> CallAsync<T>(
        string name, IReadOnlyList<object?>? args = null, EnqueueOptions? options = null, CancellationToken cancellationToken = default) =>
        await (await SendAsync(name, args, null, options, cancellationToken)).GetResultAsync<T>(null, cancellationToken);

    /// <summary>Sends a task and waits for its result; see <see cref="CanvasHandle.GetResultAsync{T}"/> for its errors.</summary>
    /// <typeparam name="T">Result type.</typeparam>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">What holds for this call.</param>
    /// <param name="cancellationToken">Stops waiting; the task goes on.</param>
    public async Task<T> CallAsync<T>(ITaskArgs<T> args, EnqueueOptions? options = null, CancellationToken cancellationToken = default) =>
        await (await EnqueueAsync(args, options, cancellationToken)).GetResultAsync(null, cancellationToken);

    /// <summary>Sends a signature: a task, or a canvas made with <see cref="Canvas"/>, in one step.</summary>
    /// <param name="canvas">What to send.</param>
    /// <param name="options">
    /// For a canvas: queue, priority, expiry, limits and headers go to every task that has none of its own; countdown and eta to those
    /// that begin; the id and callbacks to what ends it; errbacks to all.
    /// </param>
    /// <param name="cancellationToken">Stops waiting for the broker.</param>
    /// <returns>A <see cref="TaskHandle"/> or a <see cref="GroupHandle"/>, with what runs before it as <see cref="CanvasHandle.Parent"/>.</returns>
    /// <exception cref="CanvasException"><c>ESS1205</c>: it is put together in a way that cannot run.</exception>
    public async Task<CanvasHandle> ApplyAsync(Signature canvas, EnqueueOptions? options = null, CancellationToken cancellationToken = default)
    {
        Signature signature = options is null ? canvas : CanvasOptions.Apply(canvas, options, Json);
        TaskScope? scope = TaskScope.Current;
        CanvasPublication publication = await BeginAsync(scope, cancellationToken);
        CanvasNode node = publication.Add(signature);
        IReadOnlyList<PublishOutcome> outcomes = await PublishAsync(publication.Outgoing, scope, cancellationToken);
        return node.Members is null && outcomes is [{ Accepted: false } duplicate]
            ? new TaskHandle(this, duplicate.TaskId) { WasDuplicate = true }
            : node.ToHandle(this);
    }

    /// <summary>A task with arguments, not yet sent, written with this client's JSON options and definitions.</summary>
    /// <param name="name">Task name.</param>
    /// <param name="args">Positional arguments; written as JSON.</param>
    /// <param name="kwargs">Keyword arguments; written as JSON.</param>
    /// <param name="options">What holds for this call.</param>
    public Signature Signature(
        string name, IReadOnlyList<object?>? args = null, IReadOnlyDictionary<string, object?>? kwargs = null, EnqueueOptions? options = null) =>
        CallSignatures.Of(name, args, kwargs, options, _options.Registry, Json);

    /// <summary>A task by its arguments record, not yet sent, written with this client's JSON options and definitions.</summary>
    /// <param name="args">The record.</param>
    /// <param name="options">What holds for this call.</param>
    public Signature Signature(ITaskArgs args, EnqueueOptions? options = null) => Of(args, options);

    /// <summary>A handle of a task sent elsewhere.</summary>
    public TaskHandle GetHandle(string taskId) => new(this, taskId);

    /// <summary>A handle of a task sent elsewhere.</summary>
    /// <typeparam name="T">Result type.</typeparam>
    public TaskHandle<T> GetHandle<T>(string taskId) => new(this, taskId);

    /// <summary>
    /// Cancels tasks. Those that wait are REVOKED at once, with all that follows from it; workers are told about the rest, which do not start.
    /// </summary>
    /// <param name="taskIds">The tasks.</param>
    /// <param name="terminate">True: running ones are ended, too.</param>
    /// <param name="cancellationToken">Stops waiting for the broker.</param>
    public async Task RevokeAsync(IReadOnlyList<string> taskIds, bool terminate = false, CancellationToken cancellationToken = default) =>
        await new TaskRevoker(await GetBackendAsync(cancellationToken), _options).RevokeAsync(taskIds, terminate, cancellationToken);

    /// <summary>Closes the backend, if this client opened it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_follower is not null)
            await _follower.DisposeAsync();
        if (_lazy is not null)
            await _lazy.DisposeAsync();
    }

    private Signature Of(ITaskArgs args, EnqueueOptions? options) => CallSignatures.Of(args, options, _options.Registry, _options.FindRoute, Json);

    private async ValueTask<IReadOnlyList<SentTask>> SendTasksAsync(Func<IReadOnlyList<Signature>> signatures, CancellationToken cancellationToken)
    {
        TaskScope? scope = TaskScope.Current;
        CanvasPublication publication = await BeginAsync(scope, cancellationToken);
        foreach (Signature signature in signatures())
            publication.Add(signature);
        IReadOnlyList<PublishOutcome> outcomes = await PublishAsync(publication.Outgoing, scope, cancellationToken);
        return [.. outcomes.Select(outcome => new SentTask(outcome.TaskId, !outcome.Accepted))];
    }

    /// <summary>Delays and expiry are counted by the broker's clock, and routes are what is published, so both are there first.</summary>
    private async ValueTask<CanvasPublication> BeginAsync(TaskScope? scope, CancellationToken cancellationToken)
    {
        IBackend backend = await GetBackendAsync(cancellationToken);
        if (_follower is not null)
            await _follower.ReadyAsync(cancellationToken);
        MessageFactory messages = _messages ??= new MessageFactory(_options, _options.Registry, _options.ClockOf(backend));
        return new CanvasPublication(messages, scope?.RootId, scope?.Id);
    }

    private async ValueTask<IReadOnlyList<PublishOutcome>> PublishAsync(Outgoing outgoing, TaskScope? scope, CancellationToken cancellationToken)
    {
        if (outgoing.Messages.Count == 0)
            return [];
        IBackend backend = await GetBackendAsync(cancellationToken);
        IReadOnlyList<PublishOutcome> outcomes = await backend.Broker.PublishAsync(outgoing, cancellationToken);
        foreach (PublishOutcome outcome in outcomes)
        {
            if (outcome.Accepted)
                scope?.AddChild(outcome.TaskId);
        }

        return outcomes;
    }

    private readonly record struct SentTask(string Id, bool Duplicate)
    {
        public TaskHandle ToHandle(TaskClient client) => new(client, Id) { WasDuplicate = Duplicate };

        public TaskHandle<T> ToHandle<T>(TaskClient client) => new(client, Id) { WasDuplicate = Duplicate };
    }
}
