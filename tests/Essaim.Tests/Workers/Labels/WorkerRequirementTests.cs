using Essaim.Protocol;

namespace Essaim.Tests.Workers.Labels;

/// <summary>Who runs what requires something of its node.</summary>
public sealed class WorkerRequirementTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DerivedQueue_IsServedByTheNodeThatMeetsIt()
    {
        InMemoryBackend backend = new(TimeProvider.System);
        await using RunningWorker gpu = Start(backend, "gpu", "site=attic");
        await gpu.ResultAsync(await gpu.SendAsync("noop"));

        // The queue is new, and rings at the one it is derived from.
        TaskMessage message = Script.Message("echo", "seen") with { RoutingKey = "celery@gpu,site=attic" };
        await gpu.SendAsync(message);

        Assert.Equal("SUCCESS \"seen:1\"", await gpu.ResultAsync(message.Id));
    }

    [Fact]
    public async Task PlainQueue_MessageThatRequiresMore_IsMovedInOneStepAndWaitsForWhoMeetsIt()
    {
        InMemoryBackend backend = new(TimeProvider.System);
        await using RunningWorker plain = Start(backend);
        TaskMessage message = Script.Message("echo", "seen") with { Headers = new Dictionary<string, RawJson> { ["essaim-requires"] = RawJson.From("gpu") } };
        await plain.SendAsync(message);

        await RunningWorker.UntilAsync(async () => await backend.Broker.FindAsync(message.Id, Stop) is { Place: MessagePlace.Ready, Queue: "celery@gpu" });
        Assert.Equal("SUCCESS \"done\"", await plain.ResultAsync(await plain.SendAsync("noop")));
        Assert.Null(await backend.Results.GetAsync(message.Id, Stop));
        QueueStatus derived = Assert.Single(await backend.Broker.GetQueuesAsync(Stop), queue => queue.Name == "celery@gpu");
        Assert.Equal(1, derived.Ready);
        plain.StopWarm();
        await plain.Ended;

        await using RunningWorker gpu = Start(backend, "gpu");
        Assert.Equal("SUCCESS \"seen:1\"", await gpu.ResultAsync(message.Id));
        Assert.Equal(2, (await backend.Results.ReadCompletionsAsync(0, 10, Stop)).Count);
    }

    [Fact]
    public async Task PlainQueue_MessageWhoseRequirementIsMet_IsRun()
    {
        await using RunningWorker gpu = Start(new InMemoryBackend(TimeProvider.System), "gpu");
        TaskMessage message = Script.Message("echo", "seen") with { Headers = new Dictionary<string, RawJson> { ["essaim-requires"] = RawJson.From(new[] { "gpu" }) } };
        await gpu.SendAsync(message);

        Assert.Equal("SUCCESS \"seen:1\"", await gpu.ResultAsync(message.Id));
    }

    [Fact]
    public async Task CancelledConsumer_TakesItsDerivedQueuesWithIt()
    {
        InMemoryBackend backend = new(TimeProvider.System);
        await using RunningWorker gpu = Start(backend, "gpu");
        TaskMessage first = Script.Message("noop") with { RoutingKey = "celery@gpu" };
        await gpu.SendAsync(first);
        await gpu.ResultAsync(first.Id);
        await gpu.ControlAsync("add_consumer", new { queue = "other" });

        await gpu.ControlAsync("cancel_consumer", new { queue = "celery" });
        TaskMessage second = Script.Message("noop") with { RoutingKey = "celery@gpu" };
        await gpu.SendAsync(second);
        TaskMessage other = Script.Message("noop") with { RoutingKey = "other" };
        await gpu.SendAsync(other);
        await gpu.ResultAsync(other.Id);

        Assert.Equal(MessagePlace.Ready, (await backend.Broker.FindAsync(second.Id, Stop))!.Place);
    }

    [Fact]
    public async Task TaskThatReadsItsRequirement_GoesToTheNodeThatFoundItself_WhoeverSentIt()
    {
        InMemoryBackend backend = new(TimeProvider.System);
        await using RunningWorker lacking = StartReading(backend);
        TaskMessage message = Script.Message("echo", "seen");
        await lacking.SendAsync(message);
        await RunningWorker.UntilAsync(async () => await backend.Broker.FindAsync(message.Id, Stop) is { Place: MessagePlace.Ready, Queue: "celery@env.echo" });

        TaskCompletionSource proven = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RunningWorker able = StartReading(backend, new SlowFinder(proven.Task, "env.echo"));
        // It works already, and has it not yet.
        Assert.Equal("SUCCESS \"done\"", await able.ResultAsync(await able.SendAsync("noop")));
        Assert.Null(await backend.Results.GetAsync(message.Id, Stop));

        proven.SetResult();

        Assert.Equal("SUCCESS \"seen:1\"", await able.ResultAsync(message.Id));
        const string tried = """{"canyon":{"executor":"cave","offered":false,"missing":"There is none here."},"echo":{"executor":"cave","offered":true,"soft":["memory"],"advice":"Dig deeper."}}""";
        await RunningWorker.UntilAsync(() => Task.FromResult(able.Events.Any(one => one.Type == "worker-heartbeat" && one.Body.ToString().Contains($"\"environments\":{tried}", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task LabelFinder_WhatItTried_IsToldToWhoAsks()
    {
        await using RunningWorker worker = new(options => options.Pool = WorkerPool.Threads, finders: new SlowFinder(Task.CompletedTask, "env.echo"));
        RawJson stats;
        do
            stats = await worker.ControlAsync("stats");
        while (!stats.ToString().Contains("canyon", StringComparison.Ordinal));

        Assert.Contains("\"environments\":{\"canyon\":{\"executor\":\"cave\",\"offered\":false,", stats.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LabelFinder_ThatFails_IsToldAndHoldsNobodyUp()
    {
        await using RunningWorker worker = StartReading(new InMemoryBackend(TimeProvider.System), new SlowFinder(Task.FromException(new IOException("no disk")), "env.echo"));

        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
        await RunningWorker.UntilAsync(() => Task.FromResult(worker.Logger.Lines.Any(line => line.Contains("It cannot be found out what this node can do", StringComparison.Ordinal))));
    }

    private static RunningWorker StartReading(InMemoryBackend backend, params ILabelFinder[] finders)
    {
        TaskRegistryBuilder tasks = new();
        tasks.AddTask("echo", () => { }, options => options.RequiresOf = _ => ["env.echo"]);
        tasks.AddTask("noop", () => { });
        return new RunningWorker(options => (options.Pool, options.NodeName) = (WorkerPool.Threads, $"w{finders.Length}@here"), backend, registry: tasks.Build(), finders: finders);
    }

    private sealed class SlowFinder(Task until, string label) : ILabelFinder
    {
        public async Task FindAsync(Action<NodeFinding> add, CancellationToken stop)
        {
            await until;
            add(new NodeFinding(label, new NodeEnvironment("echo", "cave") { Soft = ["memory"], Advice = "Dig deeper." }));
            add(new NodeFinding(null, new NodeEnvironment("canyon", "cave") { Missing = "There is none here." }));
        }
    }

    private static RunningWorker Start(InMemoryBackend backend, params string[] labels) => new(options => (options.Pool, options.Labels) = (WorkerPool.Threads, labels), backend);
}
