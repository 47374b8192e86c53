using System.Text.Json;
using Essaim.Protocol;
using Essaim.Tests.Workers;

namespace Essaim.Tests.Configuration;

/// <summary>A worker takes over what is published while it runs.</summary>
public sealed class WorkerConfigTests
{
    private readonly InMemoryBackend _backend = new(TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publish_QueueTheWorkerDidNotKnow_IsServedWithItsLimits_WithoutRestart()
    {
        await using RunningWorker worker = new(options => (options.Pool, options.MaxConcurrency, options.ServesAll) = (WorkerPool.Threads, 4, true), _backend);
        TaskMessage[] messages = [.. Enumerable.Range(0, 3).Select(_ => Script.Message("wait") with { RoutingKey = "scan" })];
        await worker.SendAsync(messages);

        await PublishAsync("""{"scan":{"concurrency":1}}""");

        await RunningWorker.UntilAsync(async () => (await _backend.Broker.GetQueuesAsync(Stop)).Any(queue => queue is { Name: "scan", InFlight: 1, Ready: 2 }));
        await PublishAsync("""{"scan":{"concurrency":2}}""");
        await RunningWorker.UntilAsync(async () => (await _backend.Broker.GetQueuesAsync(Stop)).Any(queue => queue is { Name: "scan", InFlight: 2, Ready: 1 }));
    }

    [Fact]
    public async Task Publish_TimeLimitAndRetryOfAQueue_HoldForTheNextTask()
    {
        await using RunningWorker worker = new(options => (options.Pool, options.MaxConcurrency, options.ServesAll) = (WorkerPool.Threads, 1, true), _backend);
        await PublishAsync("""{"scan":{"soft_time_limit":0.05,"retry":{"max_retries":1,"delay":0,"jitter":false}}}""", """{"task_max_deliveries":3}""");
        await RunningWorker.UntilAsync(() => worker.Live.Origin == ConfigurationOrigin.Published);

        TaskMessage message = Script.Message("wait") with { RoutingKey = "scan" };
        await worker.SendAsync(message);

        Assert.Contains("SoftTimeLimit", await worker.ResultAsync(message.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_BaseSettings_HoldAtOnce_ButNotOverTheCommandLine()
    {
        WorkerOptions? running = null;
        await using RunningWorker worker = new(
            options =>
            {
                (options.Pool, options.Heartbeat, options.MaxTasksPerChild, options.HardTimeLimit) = (WorkerPool.Threads, TimeSpan.FromMinutes(5), 7, TimeSpan.FromHours(1));
                options.OnCommandLine.Add(nameof(WorkerOptions.HardTimeLimit));
                running = options;
            },
            _backend);
        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "worker-online"));

        await PublishAsync("{}", """{"worker_heartbeat":1,"worker_max_tasks_per_child":50,"task_time_limit":10,"task_soft_time_limit":5,"worker_pool":"prefork"}""");

        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "worker-heartbeat" && Config(one)?.GetProperty("origin").GetString() == "published"));
        Assert.Equal((TimeSpan.FromSeconds(1), 50, TimeSpan.FromHours(1), TimeSpan.FromSeconds(5)), (running!.InForce.Heartbeat, running.InForce.MaxTasksPerChild, running.InForce.HardTimeLimit, running.InForce.SoftTimeLimit));
        Assert.Contains("[CELERY_API] worker_pool is now Processes, which takes effect when this worker is started again; it runs with Threads.", worker.Logger.Lines);

        await PublishAsync("{}");
        await RunningWorker.UntilAsync(() => running.InForce is { MaxTasksPerChild: 7, SoftTimeLimit: null });
    }

    [Fact]
    public async Task Start_WithASource_Publishes_AndReportsHowItStands()
    {
        ConfigSource source = ConfigSource.Of("here", 2, [new QueueDefinition("scan")], new Dictionary<string, string> { ["*"] = "scan" }, new Dictionary<string, object?>());
        await using RunningWorker worker = new(options => (options.Pool, options.ServesAll) = (WorkerPool.Threads, true), _backend, source: source);

        await UntilSourceAsync(worker, "published");
        ConfigSnapshot published = (await _backend.Configuration.ReadAsync(Stop))!;
        Assert.Equal(("test@here", 2L, "scan"), (published.Document.Author, published.Document.Revision, published.Document.Queues.Keys.Single()));

        await _backend.Configuration.PublishAsync(published.Document with { Revision = 3, Queues = new Dictionary<string, RawJson> { ["mail"] = RawJson.EmptyObject }, Routes = new Dictionary<string, RawJson>() }, published.Version, Stop);
        await UntilSourceAsync(worker, "behind");
        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "worker-heartbeat" && Config(one)?.TryGetProperty("source", out JsonElement source) == true && source.GetString() == "behind"));
    }

    private static Task UntilSourceAsync(RunningWorker worker, string standing) => RunningWorker.UntilAsync(async () =>
        (await worker.ControlAsync("stats")).Deserialize<JsonElement>().GetProperty("config") is var config
        && config.TryGetProperty("source", out JsonElement source) && source.GetString() == standing);

    private static JsonElement? Config(EventRecord record) =>
        record.Body.Deserialize<JsonElement>().TryGetProperty("config", out JsonElement config) ? config : null;

    private async Task PublishAsync(string queues, string settings = "{}") =>
        Assert.NotNull(await _backend.Configuration.PublishAsync(
            new ConfigDocument(Part(queues), new Dictionary<string, RawJson>(), Part(settings), "op"), (await _backend.Configuration.ReadAsync(Stop))?.Version, Stop));

    private static Dictionary<string, RawJson> Part(string json) =>
        RawJson.Parse(json).Deserialize<Dictionary<string, JsonElement>>()!.ToDictionary(one => one.Key, one => RawJson.Parse(one.Value.GetRawText()));
}
