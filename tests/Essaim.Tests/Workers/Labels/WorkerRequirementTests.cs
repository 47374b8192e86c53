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

    private static RunningWorker Start(InMemoryBackend backend, params string[] labels) => new(options => (options.Pool, options.Labels) = (WorkerPool.Threads, labels), backend);
}
