using System.Text.Json;
using Essaim.Protocol;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>What a running task knows of itself. Safe on all threads until the task has ended.</summary>
public sealed class TaskContext
{
    private readonly TaskMessage _message;
    private readonly IExecutionObserver _observer;
    private readonly ILogger _hostLogger;
    private readonly TaskClient? _client;
    private readonly Lazy<TaskSteps> _steps;
    private ILogger? _logger;

    internal TaskContext(TaskMessage message, IExecutionObserver observer, ILogger hostLogger, TaskClient? client)
    {
        _message = message;
        _observer = observer;
        _hostLogger = hostLogger;
        _client = client;
        _steps = new Lazy<TaskSteps>(() => new TaskSteps(Id, async stop => (await Client.GetBackendAsync(stop)).Steps, Json));
    }

    /// <summary>The task's id.</summary>
    public string Id => _message.Id;

    /// <summary>The task's name.</summary>
    public string Name => _message.Task;

    /// <summary>The queue it came from.</summary>
    public string Queue => _message.RoutingKey;

    /// <summary>1 on the first attempt, 2 on the first retry.</summary>
    public int Attempt => _message.Retries + 1;

    /// <summary>Retries its policy allows; 0 where it has none.</summary>
    public int MaxRetries { get; internal init; }

    /// <summary>1 on the first delivery; more where a worker died under it.</summary>
    public int DeliveryCount { get; internal init; } = 1;

    /// <summary>When the soft time limit ends; null: no limit.</summary>
    public DateTimeOffset? Deadline { get; internal init; }

    /// <summary>Extra message headers, as JSON.</summary>
    public IReadOnlyDictionary<string, RawJson> Headers => _message.Headers;

    /// <summary>First task of the workflow; its own id where it is the first.</summary>
    public string RootId => _message.RootId ?? _message.Id;

    /// <summary>The task that sent this one, or null.</summary>
    public string? ParentId => _message.ParentId;

    /// <summary>
    /// Cancelled when the worker wants to stop. A long task may save its place and throw <see cref="OperationCanceledException"/>:
    /// it is then given back to its queue and starts again elsewhere, uncounted.
    /// </summary>
    public CancellationToken WorkerStopping { get; internal init; }

    /// <summary>Logger; its lines also show as the task's log.</summary>
    public ILogger Logger => _logger ??= new TaskLogger(_hostLogger, _observer);

    /// <summary>Sends tasks; they carry this task as their parent. (So does any other client used inside a task.)</summary>
    /// <exception cref="InvalidOperationException">The program that runs the task has no broker.</exception>
    public TaskClient Client => _client ?? throw new InvalidOperationException(
        "This task runs without a broker, so it can send no tasks. Give AddEssaim a broker URL, or the test host a backend.");

    /// <summary>
    /// Does a part of the task once: what it gave is recorded in the broker under the task's id, and where the task runs again (its worker died, a
    /// retry) the recorded result is returned instead. A step whose worker dies before it is recorded runs again, so each should do one thing. The
    /// records go when the task has ended; of one that never ends after seven days.
    /// </summary>
    /// <typeparam name="T">What it gives; goes through JSON.</typeparam>
    /// <param name="name">Name of the step, of its own within the task.</param>
    /// <param name="run">The step.</param>
    /// <param name="cancellationToken">The handler's token; passed on.</param>
    /// <exception cref="InvalidOperationException">The name was used before in this execution, or the result cannot be read or written as JSON.</exception>
    /// <exception cref="BackendException">The broker cannot be reached; the step may have run.</exception>
    public Task<T> StepAsync<T>(string name, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken) =>
        _steps.Value.RunAsync(name, run, cancellationToken);

    /// <summary>As <see cref="StepAsync{T}"/>, for a step that gives nothing.</summary>
    public Task StepAsync(string name, Func<CancellationToken, Task> run, CancellationToken cancellationToken) => _steps.Value.RunAsync(
        name,
        async stop =>
        {
            await run(stop);
            return true;
        },
        cancellationToken);

    /// <summary>Whether it is asked to stop because its lease is another's.</summary>
    internal bool LostItsLease => StopReason() == CancelReason.LeaseLost && Stop.IsCancellationRequested;

    internal Func<CancelReason> StopReason { get; init; } = static () => CancelReason.SoftTimeLimit;

    internal CancellationToken Stop { get; init; }

    /// <summary>True once a step was run or replayed.</summary>
    internal bool UsedSteps => _steps.IsValueCreated && _steps.Value.AreUsed;

    internal JsonSerializerOptions Json { get; init; } = EssaimJson.Options;

    /// <summary>Reports progress; shown by handles, the web page and events.</summary>
    /// <param name="fraction">0 to 1 (what lies outside is cut to it), or null where unknown.</param>
    /// <param name="text">What it is doing.</param>
    /// <param name="data">Facts of its own; written as JSON.</param>
    public void Progress(double? fraction = null, string? text = null, object? data = null) => _observer.OnProgress(
        fraction is { } value && !double.IsNaN(value) ? Math.Clamp(value, 0, 1) : null,
        text,
        data switch
        {
            null => RawJson.Null,
            RawJson raw => raw,
            _ => RawJson.From(data, data.GetType(), Json),
        });
}
