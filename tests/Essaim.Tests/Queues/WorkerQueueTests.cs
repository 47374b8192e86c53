using System.Collections.Concurrent;
using Essaim.Tests.Workers;

namespace Essaim.Tests.Queues;

public sealed class WorkerQueueTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Concurrency_OfQueue_IsNeverPassedAndUsedUp(bool perWorker)
    {
        int running = 0, most = 0;
        using SemaphoreSlim started = new(0), goOn = new(0);
        QueueDefinition two = perWorker ? new QueueDefinition("db") { WorkerConcurrency = 2 } : new QueueDefinition("db") { Concurrency = 2 };
        await using AppWorker worker = new(
            services => services.AddQueue(two).AddTask("write", async () =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                started.Release();
                await goOn.WaitAsync(Stop);
                Interlocked.Decrement(ref running);
            }),
            options => options.Queues = ["db"]);
        TaskHandle[] handles = [.. await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => worker.Client.SendAsync("write", options: new() { Queue = "db" }, cancellationToken: Stop)))];

        for (int i = 0; i < 12; i++)
        {
            await started.WaitAsync(TimeSpan.FromSeconds(30), Stop);
            if (i % 2 == 1)
                goOn.Release(2);
        }

        foreach (TaskHandle handle in handles)
            await handle.WaitAsync(cancellationToken: Stop);
        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Fifo_RetriesAndAll_KeepTheOrder()
    {
        ConcurrentQueue<string> ran = new();
        ConcurrentDictionary<string, int> tries = new();
        await using AppWorker worker = new(
            services => services
                .AddQueue(new QueueDefinition("ledger") { Fifo = true, RetryPolicy = new RetryPolicy { MaxRetries = 2, Delay = TimeSpan.FromMilliseconds(40), Jitter = false } })
                .AddTask("book", (string entry) =>
                {
                    ran.Enqueue(entry);
                    // Every third fails at first.
                    if (int.Parse(entry, System.Globalization.CultureInfo.InvariantCulture) % 3 == 0 && tries.AddOrUpdate(entry, 1, (_, before) => before + 1) == 1)
                        throw new InvalidOperationException("Not now.");
                }),
            options => options.Queues = ["ledger"]);

        IReadOnlyList<TaskHandle> handles = await worker.Client.SendManyAsync(
            [.. Enumerable.Range(1, 9).Select(i => new TaskCall("book", [$"{i}"]) { Options = new() { Queue = "ledger" } })], Stop);
        foreach (TaskHandle handle in handles)
            await handle.WaitAsync(cancellationToken: Stop);

        Assert.Equal(["1", "2", "3", "3", "4", "5", "6", "6", "7", "8", "9", "9"], ran);
    }

    [Fact]
    public async Task Rate_ForAKey_HoldsEachKeyBackByItself()
    {
        ConcurrentQueue<string> ran = new();
        await using AppWorker worker = new(
            services => services
                .AddQueue(new QueueDefinition("scrape") { Rate = "1/h", RateBurst = 2, RateKey = "url|host" })
                .AddTask("fetch", (string url) => ran.Enqueue(url)),
            options => options.Queues = ["scrape"]);
        string[] urls = ["http://a.example/1", "http://a.example/2", "http://a.example/3", "http://b.example/1", "http://a.example/4"];

        IReadOnlyList<TaskHandle> handles = await worker.Client.SendManyAsync(
            [.. urls.Select(url => new TaskCall("fetch", [url]) { Options = new() { Queue = "scrape" } })], Stop);
        foreach (int done in new[] { 0, 1, 3 })
            await handles[done].WaitAsync(cancellationToken: Stop);
        await RunningWorker.UntilAsync(async () => await worker.Backend.Broker.FindAsync(handles[4].Id, Stop) is { Place: MessagePlace.Delayed });

        Assert.Equal([urls[0], urls[1], urls[3]], ran.Order());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        TaskLocation third = (await worker.Backend.Broker.FindAsync(handles[2].Id, Stop))!;
        TaskLocation fourth = (await worker.Backend.Broker.FindAsync(handles[4].Id, Stop))!;
        Assert.True(third.WaitsForRate && fourth.WaitsForRate);
        Assert.InRange(third.NotBefore!.Value - now, TimeSpan.FromMinutes(58), TimeSpan.FromMinutes(60));
        Assert.Equal(TimeSpan.FromHours(1), fourth.NotBefore!.Value - third.NotBefore.Value);
    }

    [Fact]
    public async Task TimeLimit_OfQueue_HoldsWhereTaskAndCallHaveNone()
    {
        await using AppWorker worker = new(
            services => services
                .AddQueue(new QueueDefinition("short") { SoftTimeLimit = TimeSpan.FromMilliseconds(50) })
                .AddTask("sleep", (CancellationToken stop) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop)),
            options => options.Queues = ["short"]);

        TaskHandle handle = await worker.Client.SendAsync("sleep", options: new() { Queue = "short" }, cancellationToken: Stop);

        TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() => handle.GetResultAsync<object>(cancellationToken: Stop));
        Assert.Contains("SoftTimeLimitExceeded", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unique_UntilStarted_OneMoreMayWaitWhileOneRuns()
    {
        using SemaphoreSlim started = new(0), goOn = new(0);
        await using AppWorker worker = new(
            services => services.AddTask(
                "refresh",
                async () =>
                {
                    started.Release();
                    await goOn.WaitAsync(Stop);
                },
                options => (options.Unique, options.UniqueUntil) = (true, UniqueUntil.Started)),
            options => options.MaxConcurrency = 1);
        TaskHandle first = await worker.Client.SendAsync("refresh", cancellationToken: Stop);
        await started.WaitAsync(Stop);

        TaskHandle second = await worker.Client.SendAsync("refresh", cancellationToken: Stop);
        TaskHandle third = await worker.Client.SendAsync("refresh", cancellationToken: Stop);

        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(second.Id, third.Id);
        goOn.Release(2);
        await second.WaitAsync(cancellationToken: Stop);
    }

    [Fact]
    public async Task Unique_UntilElapsed_NoOtherThoughItHasEnded()
    {
        int runs = 0;
        await using AppWorker worker = new(
            services => services.AddTask("report", () => Interlocked.Increment(ref runs), options => (options.Unique, options.UniqueUntil) = (true, UniqueUntil.Elapsed)),
            _ => { });
        TaskHandle first = await worker.Client.SendAsync("report", cancellationToken: Stop);
        await first.WaitAsync(cancellationToken: Stop);

        TaskHandle second = await worker.Client.SendAsync("report", cancellationToken: Stop);

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task Paused_Queue_WaitsAndGoesOnByItself()
    {
        await using AppWorker worker = new(services => services.AddTask("noop", () => { }), _ => { });
        await worker.Backend.Broker.SetPauseAsync("celery", new QueuePause("Not now.", "ada", TimeProvider.System.GetUtcNow()), Stop);
        TaskHandle handle = await worker.Client.SendAsync("noop", cancellationToken: Stop);
        await RunningWorker.UntilAsync(async () => (await worker.Backend.Broker.FindAsync(handle.Id, Stop))?.Place == MessagePlace.Ready);

        await worker.Backend.Broker.SetPauseAsync("celery", null, Stop);

        await handle.WaitAsync(cancellationToken: Stop);
    }

    [Fact]
    public async Task Requires_OfQueue_NotMetIsNotServedAndSaidOnce()
    {
        await using AppWorker worker = new(
            services => services.AddQueue(new QueueDefinition("gpu") { Requires = ["gpu"] }).AddQueue(new QueueDefinition("any")).AddTask("noop", () => { }),
            options => options.Queues = ["gpu", "any"]);
        TaskHandle waits = await worker.Client.SendAsync("noop", options: new() { Queue = "gpu" }, cancellationToken: Stop);
        TaskHandle runs = await worker.Client.SendAsync("noop", options: new() { Queue = "any" }, cancellationToken: Stop);

        await runs.WaitAsync(cancellationToken: Stop);

        Assert.Equal(MessagePlace.Ready, (await worker.Backend.Broker.FindAsync(waits.Id, Stop))!.Place);
        Assert.Single(worker.Logger.Lines, line => line.Contains("Queue gpu is not served here: it requires gpu, which this node does not have (see --label).", StringComparison.Ordinal));
        await using AppWorker able = new(
            services => services.AddQueue(new QueueDefinition("gpu") { Requires = ["gpu"] }).AddTask("noop", () => { }),
            options => (options.Queues, options.Labels, options.NodeName) = (["gpu"], ["gpu"], "able@here"),
            worker.Backend);
        await waits.WaitAsync(cancellationToken: Stop);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int before = target; value > before; before = target)
            Interlocked.CompareExchange(ref target, value, before);
    }
}
