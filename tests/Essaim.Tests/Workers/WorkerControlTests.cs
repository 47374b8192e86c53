using System.Text.Json;

namespace Essaim.Tests.Workers;

public sealed class WorkerControlTests
{
    [Fact]
    public async Task Ping_Answers()
    {
        await using RunningWorker worker = Start();

        Assert.Equal("""{"ok":"pong"}""", (await worker.ControlAsync("ping")).ToString());
    }

    [Fact]
    public async Task UnknownMethod_AnswersCelerysError()
    {
        await using RunningWorker worker = Start();

        Assert.Equal("KeyError('no_such')", (await worker.ControlAsync("no_such")).Deserialize<Dictionary<string, string>>()!["error"]);
    }

    [Fact]
    public async Task Active_TaskRuns_TellsIt()
    {
        await using RunningWorker worker = Start();
        string id = await worker.SendAsync("deaf");
        await worker.UntilStartedAsync(id);

        JsonElement task = Assert.Single((await worker.ControlAsync("active")).Deserialize<JsonElement[]>()!);

        Assert.Equal(
            (id, "deaf", "test@here", Environment.ProcessId),
            (task.GetProperty("id").GetString(), task.GetProperty("name").GetString(), task.GetProperty("hostname").GetString(), task.GetProperty("worker_pid").GetInt32()));
    }

    [Fact]
    public async Task Stats_AfterATask_CountsItAndTellsTheAgeOfTheLastClaim()
    {
        await using RunningWorker worker = Start();
        await worker.ResultAsync(await worker.SendAsync("noop"));

        JsonElement stats = (await worker.ControlAsync("stats")).Deserialize<JsonElement>();

        Assert.Equal(1, stats.GetProperty("total").GetProperty("noop").GetInt32());
        Assert.Equal(JsonValueKind.String, stats.GetProperty("clock").ValueKind);
        Assert.InRange(stats.GetProperty("claim_age").GetDouble(), 0, 60);
    }

    [Fact]
    public async Task RegisteredAndQueues_TellNamesAndQueues()
    {
        await using RunningWorker worker = Start();

        Assert.Contains("echo", (await worker.ControlAsync("registered")).Deserialize<string[]>()!);
        JsonElement queue = Assert.Single((await worker.ControlAsync("active_queues")).Deserialize<JsonElement[]>()!);
        Assert.Equal("celery", queue.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Revoke_WithTerminate_EndsTheRunningTaskAsTerminated()
    {
        await using RunningWorker worker = new();
        string id = await worker.SendAsync("deaf");
        await worker.UntilStartedAsync(id);

        Assert.Equal($$"""{"ok":"terminate: {{id}}"}""", (await worker.ControlAsync("revoke", new { task_id = id, terminate = true })).ToString());

        Assert.Equal(
            """REVOKED {"exc_type":"TaskRevokedError","exc_message":["terminated"],"exc_module":"celery.exceptions"}""", await worker.ResultAsync(id));
        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "task-revoked"));
        JsonElement revoked = worker.Events.First(one => one.Type == "task-revoked").Body.Deserialize<JsonElement>();
        Assert.Equal((true, 15, false), (revoked.GetProperty("terminated").GetBoolean(), revoked.GetProperty("signum").GetInt32(), revoked.GetProperty("expired").GetBoolean()));
    }

    [Fact]
    public async Task Revoke_TaskThatWaits_IsRevokedWhenItsTurnComes()
    {
        await using RunningWorker worker = Start();
        string running = await worker.SendAsync("stoppable");
        await worker.UntilStartedAsync(running);
        string waiting = await worker.SendAsync("noop");

        await worker.ControlAsync("revoke", new { task_id = new[] { waiting } });
        await worker.ControlAsync("revoke", new { task_id = running, terminate = true });

        Assert.StartsWith("REVOKED", await worker.ResultAsync(waiting), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shutdown_EndsTheWorkerWarmly()
    {
        await using RunningWorker worker = Start();
        string running = await worker.SendAsync("stoppable");
        await worker.UntilStartedAsync(running);

        await worker.Backend.Control.CastAsync(
            new ControlRequest("shutdown", Essaim.Protocol.RawJson.EmptyObject), TestContext.Current.CancellationToken);
        await worker.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal("SUCCESS \"stopped early\"", await worker.ResultAsync(running));
    }

    private static RunningWorker Start() => new(options => options.Pool = WorkerPool.Threads);
}
