using System.Text.Json;
using Essaim.Tests.Workers.Control;

namespace Essaim.Tests.Workers;

/// <summary>Events compared with those of a real Celery worker.</summary>
public sealed class WorkerEventTests
{
    [Fact]
    public async Task WorkerEvents_OfALife_HaveCelerysFields()
    {
        await using RunningWorker worker = Start(options => options.Heartbeat = TimeSpan.FromMilliseconds(50));
        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "worker-heartbeat"));
        worker.StopWarm();
        await worker.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "worker-offline"));

        foreach (string type in (string[])["worker-online", "worker-heartbeat", "worker-offline"])
            ControlCapture.AssertSameShape(ControlCapture.Event("events_worker_lifecycle", type), BodyOf(worker, type));
        Assert.Equal("worker-online", worker.Events.First().Type);
        Assert.Equal("worker-offline", worker.Events.Last().Type);
    }

    [Fact]
    public async Task Heartbeats_TellLabelsMachineAndLoad()
    {
        await using RunningWorker worker = Start(options => (options.Heartbeat, options.Labels, options.MaxConcurrency) = (TimeSpan.FromMilliseconds(50), ["site=attic", "gpu"], 2));
        await RunningWorker.UntilAsync(() => worker.Events.Count(one => one.Type == "worker-heartbeat") > 1);

        JsonElement body = worker.Events.Last(one => one.Type == "worker-heartbeat").Body.Deserialize<JsonElement>();
        Assert.Equal("""{"site":"attic","gpu":true}""", body.GetProperty("labels").GetRawText());
        Assert.Equal(Environment.ProcessorCount, body.GetProperty("facts").GetProperty("cores").GetInt32());
        Assert.Equal("""{"now":2,"min":2,"max":2}""", body.GetProperty("slots").GetRawText());
        Assert.Equal("""["celery"]""", body.GetProperty("queues").GetRawText());
        Assert.InRange(body.GetProperty("children").GetInt32(), 0, 2);
        Assert.Equal(0, body.GetProperty("waiting").GetInt32());
        if (OperatingSystem.IsLinux())
        {
            Assert.True(body.GetProperty("memory").GetInt64() > 1_000_000);
            Assert.True(body.GetProperty("cpu").GetDouble() >= 0);
        }
    }

    [Fact]
    public async Task Heartbeat_AskedForByRemoteControl_IsSentAtOnceAndShort()
    {
        await using RunningWorker worker = Start(options => options.Heartbeat = TimeSpan.FromHours(1));

        await worker.ControlAsync("heartbeat");

        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "worker-heartbeat"));
        Assert.Equal(
            ["type", "hostname", "timestamp", "pid", "clock", "utcoffset", "freq", "sw_ident", "sw_ver", "sw_sys"],
            BodyOf(worker, "worker-heartbeat").EnumerateObject().Select(field => field.Name));
        Assert.Equal(3600, BodyOf(worker, "worker-heartbeat").GetProperty("freq").GetInt32());
    }

    [Fact]
    public async Task WithoutHeartbeatAndEvents_NothingIsSentUntilAskedFor()
    {
        await using RunningWorker worker = Start(options => (options.Heartbeat, options.TaskEvents) = (TimeSpan.Zero, false));
        await worker.ResultAsync(await worker.SendAsync("noop"));

        Assert.Empty(worker.Events);
        Assert.Equal("""{"ok":"task events enabled"}""", (await worker.ControlAsync("enable_events")).ToString());
        Assert.Equal("""{"ok":"task events already enabled"}""", (await worker.ControlAsync("enable_events")).ToString());
        string asked = await worker.SendAsync("noop");

        // The first one's result is there a moment before its event would be.
        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "task-succeeded" && one.TaskId == asked));
        Assert.Equal(["task-received", "task-started", "task-succeeded"], worker.Events.Where(one => one.TaskId == asked).Select(one => one.Type));
        Assert.Equal("""{"ok":"task events disabled"}""", (await worker.ControlAsync("disable_events")).ToString());
    }

    [Theory]
    [InlineData("fail", "task-failed")]
    [InlineData("retry", "task-retried")]
    [InlineData("reject", "task-rejected")]
    [InlineData("noop", "task-succeeded")]
    public async Task TaskEvents_ByDefault_HaveCelerysFields(string task, string type)
    {
        await using RunningWorker worker = Start();
        await worker.SendAsync(Script.Message(task) with { Shadow = "shown" });

        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == type));

        string file = type == "task-rejected" ? "events_task_revoked_rejected" : "events_task_failed_retried";
        foreach (string expected in (string[])["task-received", "task-started", type])
            ControlCapture.AssertSameShape(ControlCapture.Event(file, expected), BodyOf(worker, expected));
        Assert.Equal("shown", BodyOf(worker, "task-received").GetProperty("name").GetString());
    }

    [Fact]
    public async Task TaskRevoked_Expired_SaysSo()
    {
        await using RunningWorker worker = Start();
        await worker.SendAsync(Script.Message("noop") with { Expires = TimeProvider.System.GetUtcNow().AddSeconds(-1) });

        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "task-revoked"));

        JsonElement told = BodyOf(worker, "task-revoked");
        Assert.Equal(
            (false, JsonValueKind.Null, true), (told.GetProperty("terminated").GetBoolean(), told.GetProperty("signum").ValueKind, told.GetProperty("expired").GetBoolean()));
    }

    private static JsonElement BodyOf(RunningWorker worker, string type) => worker.Events.First(one => one.Type == type).Body.Deserialize<JsonElement>();

    private static RunningWorker Start(Action<WorkerOptions>? configure = null) => new(options =>
    {
        options.Pool = WorkerPool.Threads;
        configure?.Invoke(options);
    });
}
