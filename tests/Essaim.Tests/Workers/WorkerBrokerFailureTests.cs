namespace Essaim.Tests.Workers;

/// <summary>A broker that fails for a while.</summary>
public sealed class WorkerBrokerFailureTests
{
    [Fact]
    public async Task BrokerFails_WhileATaskEnds_OutcomeIsKeptAndEachChangeIsLoggedOnce()
    {
        FailingBackend backend = new(new InMemoryBackend(TimeProvider.System));
        await using RunningWorker worker = new(options => options.Pool = WorkerPool.Threads, backend);
        string running = await worker.SendAsync("wait");
        await worker.UntilStartedAsync(running);

        backend.Failing = true;
        await worker.ControlAsync("revoke", new { task_id = running, terminate = true });
        await RunningWorker.UntilAsync(() => worker.Logger.Lines.Any(line => line.StartsWith("The broker takes no settlements", StringComparison.Ordinal)));
        Assert.Null(await backend.Results.GetAsync(running, TestContext.Current.CancellationToken));
        backend.Failing = false;

        Assert.StartsWith("REVOKED", await worker.ResultAsync(running), StringComparison.Ordinal);
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
        Assert.Single(worker.Logger.Lines, line => line.StartsWith("The broker takes no settlements", StringComparison.Ordinal));
        Assert.Single(worker.Logger.Lines, line => line == "The broker takes settlements again.");
        Assert.DoesNotContain(worker.Events, one => one.Type == "task-dropped");
    }

    [Fact]
    public async Task BrokerFails_UntilTheLeaseIsLost_OutcomeIsDroppedWithAnEvent()
    {
        InMemoryBackend inner = new(TimeProvider.System);
        FailingBackend backend = new(inner);
        await using RunningWorker worker = new(options => (options.Pool, options.Lease) = (WorkerPool.Threads, TimeSpan.FromSeconds(3)), backend);
        string running = await worker.SendAsync("wait");
        await worker.UntilStartedAsync(running);
        backend.Failing = true;
        await worker.ControlAsync("revoke", new { task_id = running, terminate = true });

        // Another worker gets it as soon as the lease has run out.
        ClaimRequest request = new() { Worker = "other@here", Queues = [new QueueClaim("celery")], Max = 1, LeaseDuration = TimeSpan.FromMinutes(10) };
        await RunningWorker.UntilAsync(async () => (await inner.Broker.ClaimAsync(request, TestContext.Current.CancellationToken)).Deliveries.Count == 1);
        backend.Failing = false;

        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "task-dropped" && one.TaskId == running));
        Assert.Contains("lease was lost", worker.Events.Single(one => one.Type == "task-dropped").Body.ToString(), StringComparison.Ordinal);
        Assert.Null(await backend.Results.GetAsync(running, TestContext.Current.CancellationToken));
        Assert.Equal("other@here", (await backend.FindAsync(running, TestContext.Current.CancellationToken))!.Worker);
        Assert.Empty(await backend.Results.ReadCompletionsAsync(0, 10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task BrokerFails_AtTheStart_WorkerWaitsForIt()
    {
        FailingBackend backend = new(new InMemoryBackend(TimeProvider.System)) { Failing = true };
        await using RunningWorker worker = new(options => options.Pool = WorkerPool.Threads, backend);
        string id = await worker.SendAsync("noop");
        await RunningWorker.UntilAsync(() => worker.Logger.Lines.Any(line => line.StartsWith("The broker does not answer claims", StringComparison.Ordinal)));

        backend.Failing = false;

        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(id));
    }

    [Fact]
    public async Task BrokerRefuses_OneSettlement_ItsMessageIsADeadLetterAndTheOthersGoOn()
    {
        FailingBackend backend = new(new InMemoryBackend(TimeProvider.System)) { Refused = "wrong-1" };
        await using RunningWorker worker = new(options => options.Pool = WorkerPool.Threads, backend);
        await worker.SendAsync(Script.Message("noop", id: "wrong-1"), Script.Message("noop", id: "right-1"));

        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync("right-1"));
        await RunningWorker.UntilAsync(async () => (await backend.GetDeadLettersAsync(10, TestContext.Current.CancellationToken)).Count > 0);
        DeadLetter letter = Assert.Single(await backend.GetDeadLettersAsync(10, TestContext.Current.CancellationToken));
        Assert.Equal("Task wrong-1 ended, but the broker refuses what follows it: a chord part is wrong", letter.Reason);
    }
}
