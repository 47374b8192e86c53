using System.Collections.Concurrent;
using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>A worker on a backend in memory (or one that is given), and what a test does with it.</summary>
internal sealed class RunningWorker : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);
    private readonly CancellationTokenSource _warm = new();
    private readonly CancellationTokenSource _cold = new();
    private readonly Worker _worker;
    private readonly Task _listening;
    private readonly CancellationTokenSource _stopListening = new();

    public RunningWorker(Action<WorkerOptions>? configure = null, IBackend? backend = null, ChildLaunch? launch = null, ITaskRunner? runner = null,
        TaskRegistry? registry = null, QueueRegistry? queues = null, bool caged = true, ConfigSource? source = null, params IReadOnlyList<ILabelFinder> finders)
    {
        Backend = backend ?? new InMemoryBackend(TimeProvider.System);
        WorkerOptions options = new() { MaxConcurrency = 1, NodeName = "test@here" };
        configure?.Invoke(options);
        _listening = ListenAsync(_stopListening.Token);
        _worker = new Worker(options, new WorkerParts
        {
            Backend = Backend,
            Registry = registry ?? ScriptedRunner.Registry(),
            Runner = runner ?? new ScriptedRunner(),
            Live = Live,
            Source = source,
            LabelFinders = finders,
            Queues = queues ?? new QueueRegistry([], Live),
            Planner = new PlainPlanner(TimeProvider.System),
            Launch = launch ?? ChildLaunch.OfThisProgram(),
            Time = TimeProvider.System,
            Random = new Random(1),
            Logging = Logger,
            // Whatever else this machine does.
            ReadMachine = () => new MachineLoad { Processors = 64 },
            FindCages = () => caged ? MemoryCages.Find() : null,
        });
        Ended = _worker.RunAsync(_warm.Token, _cold.Token);
    }

    public IBackend Backend { get; }

    public ListLogger Logger { get; } = new();

    public LiveConfiguration Live { get; } = new();

    public ConcurrentQueue<EventRecord> Events { get; } = new();

    /// <summary>Ends with the worker.</summary>
    public Task Ended { get; }

    public void StopWarm() => _warm.Cancel();

    public void StopCold() => _cold.Cancel();

    public async Task<string> SendAsync(string task, string argument = "")
    {
        TaskMessage message = Script.Message(task, argument);
        await SendAsync(message);
        return message.Id;
    }

    public async Task SendAsync(params TaskMessage[] messages) =>
        await Backend.Broker.PublishAsync(new Outgoing([.. messages.Select(Script.Outgoing)], []), TestContext.Current.CancellationToken);

    /// <summary>The final result, as <c>STATE text</c>.</summary>
    public async Task<string> ResultAsync(string id)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Longest);
        ResultDocument? last = null;
        await foreach (ResultDocument document in Backend.Results.WatchAsync(id, limit.Token))
            last = document;
        return $"{last!.State} {last.Result}";
    }

    /// <summary>Waits until a condition holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Longest);
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
    }

    public static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    /// <summary>Waits until a task has begun.</summary>
    public Task UntilStartedAsync(string id) => UntilAsync(() => Events.Any(one => one.Type == "task-started" && one.TaskId == id));

    public Task<RawJson> ControlAsync(string method, object? arguments = null) =>
        ControlAsync(method, arguments is null ? RawJson.EmptyObject : RawJson.From(arguments, arguments.GetType()));

    public async Task<RawJson> ControlAsync(string method, RawJson json)
    {
        IReadOnlyList<ControlReply> replies = await Backend.Control.CallAsync(
            new ControlRequest(method, json, ["test@here"]), TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        return Assert.Single(replies).Value;
    }

    public async ValueTask DisposeAsync()
    {
        await _cold.CancelAsync();
        try
        {
            await Ended.WaitAsync(Longest, TimeProvider.System);
        }
        catch (WorkerException)
        {
            // The test has looked at it.
        }

        await _stopListening.CancelAsync();
        await _listening;
        _worker.Dispose();
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        try
        {
            await foreach (EventEntry entry in Backend.Events.SubscribeAsync(null, stop))
                Events.Enqueue(entry.Event);
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
