using Essaim.Protocol;
using Essaim.Tests.Workers;

namespace Essaim.Tests.Why;

/// <summary>Each answer of <c>why</c>, from a real worker and a real broker.</summary>
public sealed class TaskExplainerTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);
    private readonly SemaphoreSlim _goOn = new(0);
    private readonly SemaphoreSlim _started = new(0);
    private readonly InMemoryBackend _backend = new(TimeProvider.System);
    private readonly TaskClient _client;

    public TaskExplainerTests() => _client = new TaskClient(_backend);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IBroker Broker => _backend.Broker;

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _goOn.Dispose();
        _started.Dispose();
    }

    [Fact]
    public async Task Unknown_Id_IsSaid()
    {
        TaskExplanation explanation = await ExplainAsync("nobody");

        Assert.True(explanation.IsUnknown);
        Assert.Equal("The broker memory: knows no task nobody: it was never sent here, was purged, or its result has expired or was not kept.", explanation.Reasons[0].Text);
    }

    [Fact]
    public async Task Ended_Task_SaysHow()
    {
        await using AppWorker worker = Worker();
        string id = await SendAsync("noop");
        await new TaskHandleWaiter(_backend).WaitAsync(id);

        Assert.StartsWith("ended: It has ended: SUCCESS at 20", await OneAsync(id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NotDue_Task_SaysUntilWhen()
    {
        DateTimeOffset due = new(2099, 1, 2, 3, 4, 5, TimeSpan.Zero);
        string id = await SendAsync("noop", new EnqueueOptions { Eta = due });

        TaskExplanation explanation = await ExplainAsync(id);

        Assert.Equal(due, explanation.NotBefore);
        Assert.StartsWith("It is not due until 2099-01-02 03:04:05Z, in ", explanation.Reasons[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoWorker_Answers_SaysSo()
    {
        string id = await SendAsync("noop");

        Assert.Equal("no-worker: No worker answers, so none is known to serve queue celery. Start one: worker -Q celery.", await OneAsync(id));
    }

    [Fact]
    public async Task NoWorker_ServesTheQueue_SaysWhatTheOthersServe()
    {
        await using AppWorker worker = Worker();
        string id = await SendAsync("noop", new EnqueueOptions { Queue = "other" });

        Assert.Equal("no-worker: No worker that answers serves queue other: test@here serves celery, db, order, slow. Start one: worker -Q other.", await OneAsync(id));
    }

    [Fact]
    public async Task Labels_NoWorkerHasThem_SaysWhich()
    {
        await using AppWorker worker = Worker();
        string id = await SendAsync("noop", new EnqueueOptions { Queue = "db@arch=arm64,gpu" });

        Assert.Equal("labels: It requires arch=arm64,gpu, and none of the workers that serve db has that: test@here.", await OneAsync(id));
    }

    [Fact]
    public async Task Paused_Queue_SaysByWhomAndWhy()
    {
        await using AppWorker worker = Worker();
        await Broker.SetPauseAsync("celery", new QueuePause("The disk is being changed.", "ada@attic", TimeProvider.System.GetUtcNow()), Stop);
        string id = await SendAsync("noop");

        string reason = await OneAsync(id);

        Assert.Matches(@"^paused: The queue celery was paused 0\.\d s ago by ada@attic: The disk is being changed\. 'queues resume celery' lets it go on\.$", reason);
    }

    [Fact]
    public async Task Behind_Others_CountsThem()
    {
        await using AppWorker worker = Worker();
        await Broker.SetPauseAsync("celery", new QueuePause("", "ada", TimeProvider.System.GetUtcNow()), Stop);
        for (int i = 0; i < 3; i++)
            await SendAsync("noop");
        string id = await SendAsync("noop");

        Assert.Equal(["paused", "behind"], (await ExplainAsync(id)).Reasons.Select(reason => reason.Code));
        Assert.Contains("It is behind 3 others in queue celery.", (await ExplainAsync(id)).Reasons.Select(reason => reason.Text));
    }

    [Fact]
    public async Task Revoked_Task_SaysSo()
    {
        string id = await SendAsync("noop");
        await Broker.MarkRevokedAsync([id], TimeSpan.FromHours(1), Stop);

        Assert.Contains(
            new WhyReason("revoked", "It is revoked: the worker that comes to it ends it as REVOKED without running it."), (await ExplainAsync(id)).Reasons);
    }

    [Fact]
    public async Task Expired_Task_SaysSo()
    {
        string id = await SendAsync("noop", new EnqueueOptions { Expires = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero) });

        Assert.Contains(
            new WhyReason("expired", "It expired at 2020-01-01 00:00:00Z: the worker that comes to it ends it as REVOKED without running it."),
            (await ExplainAsync(id)).Reasons);
    }

    [Fact]
    public async Task Concurrency_Reached_SaysWhoHoldsIt()
    {
        await using AppWorker worker = Worker();
        string running = await SendAsync("wait", new EnqueueOptions { Queue = "db" });
        await _started.WaitAsync(Stop);
        string id = await SendAsync("wait", new EnqueueOptions { Queue = "db" });

        Assert.Matches($@"^concurrency: At most 1 task of queue db may be in hand at once, and one is: {running} on test@here for \d\.\d s\.$", await OneAsync(id));
        _goOn.Release(2);
    }

    [Fact]
    public async Task Order_Kept_SaysWhatIsBeforeIt()
    {
        await using AppWorker worker = Worker();
        string running = await SendAsync("wait", new EnqueueOptions { Queue = "order" });
        await _started.WaitAsync(Stop);
        string id = await SendAsync("wait", new EnqueueOptions { Queue = "order" });

        Assert.Matches($@"^order: The queue order runs in order, one at a time, and this is before it: {running} on test@here for \d\.\d s\.$", await OneAsync(id));
        _goOn.Release(2);
    }

    [Fact]
    public async Task Rate_UsedUp_SaysWhenTheNextMayBegin()
    {
        await using AppWorker worker = Worker();
        await new TaskHandleWaiter(_backend).WaitAsync(await SendAsync("noop", new EnqueueOptions { Queue = "slow" }));
        string id = await SendAsync("noop", new EnqueueOptions { Queue = "slow" });

        TaskExplanation explanation = await ExplainAsync(id);

        WhyReason only = Assert.Single(explanation.Reasons);
        Assert.Matches(@"^The rate 1/h of queue slow lets the next task begin in (60|59) min\.$", only.Text);
        Assert.NotNull(explanation.NotBefore);
    }

    [Fact]
    public async Task Busy_AllSlots_SaysSo()
    {
        await using AppWorker worker = Worker(slots: 1);
        await SendAsync("wait");
        await _started.WaitAsync(Stop);
        string id = await SendAsync("wait");

        Assert.Equal("busy: All slots of the workers that serve it are busy: test@here 1 of 1.", await OneAsync(id));
        _goOn.Release(2);
    }

    [Fact]
    public async Task Running_Task_SaysWhereAndForHowLong()
    {
        await using AppWorker worker = Worker();
        string id = await SendAsync("wait");
        await _started.WaitAsync(Stop);

        Assert.Matches(@"^running: It runs on test@here, which has had it for \d\.\d s\.$", await OneAsync(id));
        _goOn.Release();
    }

    [Fact]
    public async Task Held_ByASilentWorker_SaysWhenAnotherGetsIt()
    {
        string id = await SendAsync("noop");
        await Broker.ClaimAsync(new ClaimRequest { Worker = "gone@pi3", Queues = [new QueueClaim("celery")], Max = 1 }, Stop);

        Assert.Matches(
            @"^held: Its lease has been held by gone@pi3 for \d\.\d s, but that worker does not answer\. Unless it renews the lease, another worker gets the task in (29|30) s\.$",
            await OneAsync(id));
    }

    [Fact]
    public async Task Dead_Letter_SaysWhyAndWhatToDo()
    {
        string id = await SendAsync("noop");
        ClaimResult claimed = await Broker.ClaimAsync(new ClaimRequest { Worker = "w", Queues = [new QueueClaim("celery")], Max = 1 }, Stop);
        await Broker.SettleAsync([new Settlement { Lease = claimed.Deliveries[0].Lease, Action = SettleAction.DeadLetter, Reason = "It ended five workers." }], Stop);

        Assert.Equal("dead: It is a dead letter of queue celery: It ended five workers. 'dead-letters replay' puts it back.", await OneAsync(id));
    }

    private AppWorker Worker(int slots = 4) => new(
        services => services
            .AddQueue(new QueueDefinition("celery"))
            .AddQueue(new QueueDefinition("db") { Concurrency = 1 })
            .AddQueue(new QueueDefinition("order") { Fifo = true })
            .AddQueue(new QueueDefinition("slow") { Rate = "1/h" })
            .AddTask("noop", () => { })
            .AddTask("wait", async () =>
            {
                _started.Release();
                await _goOn.WaitAsync(Stop);
            }),
        options => (options.Queues, options.MaxConcurrency) = (["celery", "db", "order", "slow"], slots),
        _backend);

    private async Task<string> SendAsync(string task, EnqueueOptions? options = null) => (await _client.SendAsync(task, options: options, cancellationToken: Stop)).Id;

    private Task<TaskExplanation> ExplainAsync(string id) => new TaskExplainer(_backend).ExplainAsync(id, Patience, Stop);

    private async Task<string> OneAsync(string id) => Assert.Single((await ExplainAsync(id)).Reasons) is var reason ? $"{reason.Code}: {reason.Text}" : "";

    private sealed class TaskHandleWaiter(IBackend backend)
    {
        public async Task WaitAsync(string id)
        {
            await foreach (ResultDocument _ in backend.Results.WatchAsync(id, Stop))
            {
            }
        }
    }
}
