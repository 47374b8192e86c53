using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Tests.Workers.Control;

/// <summary>What commands change.</summary>
public sealed class ControlEffectTests
{
    [Fact]
    public async Task Consumers_AddedAndCancelled_AreServedAndNotServedAtOnce()
    {
        await using RunningWorker worker = Start();
        TaskMessage first = Script.Message("noop") with { RoutingKey = "newq" };
        await worker.SendAsync(first);

        await worker.ControlAsync("add_consumer", new { queue = "newq" });
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(first.Id));
        await worker.ControlAsync("cancel_consumer", new { queue = "newq" });
        await worker.ControlAsync("cancel_consumer", new { queue = "celery" });
        Assert.Equal("[]", (await worker.ControlAsync("active_queues")).ToString());
        await worker.ControlAsync("add_consumer", new { queue = "celery" });

        TaskMessage second = Script.Message("noop") with { RoutingKey = "newq" };
        await worker.SendAsync(second);
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
        Assert.Equal(MessagePlace.Ready, (await worker.Backend.Broker.FindAsync(second.Id, TestContext.Current.CancellationToken))!.Place);
    }

    [Fact]
    public async Task Pool_GrownAndShrunkWhileBusy_HasAsManySlotsAsAskedFor()
    {
        await using RunningWorker worker = Start();
        await worker.ControlAsync("pool_grow", new { n = 2 });
        await RunningWorker.UntilAsync(async () => await SlotsAsync(worker) == 3);
        string[] ids = [await worker.SendAsync("wait"), await worker.SendAsync("wait"), await worker.SendAsync("wait")];
        foreach (string id in ids)
            await worker.UntilStartedAsync(id);

        await worker.ControlAsync("pool_shrink", new { n = 2 });
        await RunningWorker.UntilAsync(async () => await SlotsAsync(worker) == 1);
        foreach (string id in ids)
            await worker.ControlAsync("terminate", new { task_id = id });

        await RunningWorker.UntilAsync(async () =>
            (await worker.ControlAsync("stats")).Deserialize<JsonElement>().GetProperty("pool").GetProperty("processes").GetArrayLength() == 1);
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
    }

    [Fact]
    public async Task Autoscale_NewRange_IsKept()
    {
        await using RunningWorker worker = Start(options => (options.MaxConcurrency, options.MinConcurrency) = (2, 1));

        await worker.ControlAsync("autoscale", new { max = 5, min = 4 });
        await RunningWorker.UntilAsync(async () => await SlotsAsync(worker) == 4);
        await worker.ControlAsync("autoscale", new { max = 2, min = 1 });
        await RunningWorker.UntilAsync(async () => await SlotsAsync(worker) == 2);

        Assert.Equal(
            "ValueError('no range of slots: max=2 min=3')",
            (await worker.ControlAsync("autoscale", new { min = 3 })).Deserialize<Dictionary<string, string>>()!["error"]);
    }

    [Fact]
    public async Task TimeLimit_SetForATask_EndsIt()
    {
        await using RunningWorker worker = Start();

        await worker.ControlAsync("time_limit", new { task_name = "wait", hard = 0.1 });

        Assert.Equal(
            """FAILURE {"exc_type":"TimeLimitExceeded","exc_message":[0.1],"exc_module":"billiard.exceptions"}""", await worker.ResultAsync(await worker.SendAsync("wait")));
        Assert.Contains(
            "wait [time_limit=0.1]", (await worker.ControlAsync("registered", new { taskinfoitems = new[] { "time_limit" } })).Deserialize<string[]>()!);
    }

    [Fact]
    public async Task RateLimit_TakenBack_LetsAllGoThatWait()
    {
        await using RunningWorker worker = Start();
        await worker.ControlAsync("rate_limit", new { task_name = "echo", rate_limit = "1/h" });
        string[] ids = [await worker.SendAsync("echo", "1"), await worker.SendAsync("echo", "2"), await worker.SendAsync("echo", "3")];
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
        Assert.Equal("SUCCESS \"1:1\"", await worker.ResultAsync(ids[0]));
        await RunningWorker.UntilAsync(async () =>
            (await worker.ControlAsync("stats")).Deserialize<JsonElement>().GetProperty("rate_limited").GetInt32() == 2);

        await worker.ControlAsync("rate_limit", new { task_name = "echo", rate_limit = 0 });

        Assert.Equal("SUCCESS \"3:1\"", await worker.ResultAsync(ids[2]));
    }

    [Theory]
    [InlineData(null, 15)]
    [InlineData("KILL", 9)]
    [InlineData("SIGINT", 2)]
    public async Task Terminate_WithASignal_EndsTheTaskAndTellsTheSignal(string? signal, int number)
    {
        await using RunningWorker worker = Start();
        string id = await worker.SendAsync("wait");
        await worker.UntilStartedAsync(id);

        Assert.Equal($$"""{"ok":"terminate: {{id}}"}""", (await worker.ControlAsync("terminate", new { task_id = id, signal })).ToString());

        Assert.Equal(
            """REVOKED {"exc_type":"TaskRevokedError","exc_message":["terminated"],"exc_module":"celery.exceptions"}""", await worker.ResultAsync(id));
        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "task-revoked"));
        JsonElement told = worker.Events.First(one => one.Type == "task-revoked").Body.Deserialize<JsonElement>();
        ControlCapture.AssertSameShape(ControlCapture.Event("events_task_revoked_rejected", "task-revoked"), told);
        Assert.Equal((true, number, false), (told.GetProperty("terminated").GetBoolean(), told.GetProperty("signum").GetInt32(), told.GetProperty("expired").GetBoolean()));
    }

    [Fact]
    public async Task RevokeByStamps_RunningAndComing_AreEndedAndDropped()
    {
        await using RunningWorker worker = Start();
        TaskMessage running = Stamped("wait", "7");
        await worker.SendAsync(running);
        await worker.UntilStartedAsync(running.Id);

        Assert.Equal(
            "headers {'tenant': ['7']} revoked",
            (await worker.ControlAsync("revoke_by_stamped_headers", new { headers = new { tenant = new[] { "7", "8" } }, terminate = true }))
                .Deserialize<Dictionary<string, string>>()!["ok"]);
        TaskMessage coming = Stamped("noop", "8");
        TaskMessage other = Stamped("noop", "9");
        await worker.SendAsync(coming, other);

        Assert.StartsWith("REVOKED", await worker.ResultAsync(running.Id), StringComparison.Ordinal);
        Assert.StartsWith("REVOKED", await worker.ResultAsync(coming.Id), StringComparison.Ordinal);
        Assert.StartsWith("SUCCESS", await worker.ResultAsync(other.Id), StringComparison.Ordinal);
        Assert.Equal(
            "headers {'tenant': ['x']} flagged as revoked, but not terminated",
            (await worker.ControlAsync("revoke_by_stamped_headers", new { headers = new[] { "tenant=x" } })).Deserialize<Dictionary<string, string>>()!["ok"]);
    }

    [Fact]
    public async Task Clock_RequestWithALaterClock_IsCaughtUpWith()
    {
        await using RunningWorker worker = Start();

        await worker.Backend.Control.CastAsync(new ControlRequest("ping", RawJson.EmptyObject, null, Clock: 5000), TestContext.Current.CancellationToken);

        Assert.True((await worker.ControlAsync("clock")).Deserialize<Dictionary<string, long>>()!["clock"] > 5000);
    }

    [Fact]
    public async Task Mingle_SecondWorkerStarts_KnowsWhatTheFirstWasTold()
    {
        await using RunningWorker first = Start();
        await first.ControlAsync("revoke", new { task_id = "told-before" });
        await first.Backend.Control.CastAsync(new ControlRequest("ping", RawJson.EmptyObject, null, Clock: 9000), TestContext.Current.CancellationToken);

        await using RunningWorker second = new(options => (options.Pool, options.NodeName) = (WorkerPool.Threads, "second@here"), first.Backend);

        await RunningWorker.UntilAsync(async () => (await AskAsync(second, "revoked")).ToString() == """["told-before"]""");
        Assert.True((await AskAsync(second, "clock")).Deserialize<Dictionary<string, long>>()!["clock"] > 9000);

        static async Task<RawJson> AskAsync(RunningWorker worker, string method) => (await worker.Backend.Control.CallAsync(
            new ControlRequest(method, RawJson.EmptyObject, ["second@here"]), TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)) is [var reply]
            ? reply.Value
            : RawJson.Null;
    }

    private static TaskMessage Stamped(string task, string tenant) => Script.Message(task) with
    {
        Headers = new Dictionary<string, RawJson>
        {
            ["stamps"] = RawJson.From(new { tenant = new[] { tenant } }),
            ["stamped_headers"] = RawJson.From(new[] { "tenant" }),
        },
    };

    private static async Task<int> SlotsAsync(RunningWorker worker) =>
        (await worker.ControlAsync("stats")).Deserialize<JsonElement>().GetProperty("slots").GetInt32();

    private static RunningWorker Start(Action<WorkerOptions>? configure = null) => new(options =>
    {
        options.Pool = WorkerPool.Threads;
        configure?.Invoke(options);
    });
}
