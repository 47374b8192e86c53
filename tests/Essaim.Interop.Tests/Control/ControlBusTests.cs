using System.Text.Json.Nodes;
using Essaim.Protocol;

namespace Essaim.Interop.Tests.Control;

/// <summary>Essaim's control bus as the one that asks: of a Python worker.</summary>
public sealed class ControlBusTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [InteropFact]
    public async Task Ping_OfAll_GathersBothKinds()
    {
        IBackend backend = await mixed.Fleet.GetBackendAsync();

        IReadOnlyList<ControlReply> replies = await backend.Control.CallAsync(new ControlRequest("ping", RawJson.EmptyObject), TimeSpan.FromSeconds(3), Stop);

        Assert.Equal(
            [(MixedFleet.EssaimNode, """{"ok":"pong"}"""), (MixedFleet.PythonNode, """{"ok":"pong"}""")],
            replies.Select(reply => (reply.Node, Plain(reply.Value))).Order());
    }

    [InteropTheory]
    [InlineData("stats", "{}", "pool")]
    [InlineData("conf", "{}", "task_default_queue")]
    [InlineData("clock", "{}", "clock")]
    [InlineData("report", "{}", "ok")]
    public async Task Inspect_OfPython_GivesItsObject(string method, string arguments, string key) =>
        Assert.NotNull((await AskAsync(method, arguments))![key]);

    [InteropTheory]
    [InlineData("active")]
    [InlineData("reserved")]
    [InlineData("scheduled")]
    [InlineData("revoked")]
    [InlineData("registered")]
    [InlineData("active_queues")]
    public async Task Inspect_OfPython_GivesItsList(string method) => Assert.IsType<JsonArray>(await AskAsync(method, "{}"));

    [InteropFact]
    public async Task QueryTask_OfPython_FindsTheRunningOne()
    {
        TaskHandle handle = await mixed.Client.SendAsync("tasks.sleep", [2], null, new EnqueueOptions { Queue = "py" }, Stop);
        await foreach (TaskUpdate update in handle.WatchAsync(Stop))
        {
            if (update.State == TaskState.Started)
                break;
        }

        JsonNode found = (await AskAsync("query_task", $$"""{"ids": ["{{handle.Id}}"]}"""))!;

        Assert.Equal("active", found[handle.Id]![0]!.GetValue<string>());
        Assert.Equal("tasks.sleep", found[handle.Id]![1]!["name"]!.GetValue<string>());
    }

    [InteropTheory]
    [InlineData("rate_limit", """{"task_name": "tasks.mul", "rate_limit": "5/s"}""", """{"ok":"new rate limit set successfully"}""")]
    [InlineData("rate_limit", """{"task_name": "tasks.nobody", "rate_limit": "5/s"}""", """{"error":"unknown task"}""")]
    [InlineData("time_limit", """{"task_name": "tasks.mul", "soft": 10, "hard": 20}""", """{"ok":"time limits set successfully"}""")]
    [InlineData("pool_grow", """{"n": 1}""", """{"ok":"pool will grow"}""")]
    [InlineData("pool_shrink", """{"n": 1}""", """{"ok":"pool will shrink"}""")]
    [InlineData("pool_restart", """{"reload": false}""", """{"error":"ValueError('Pool restarts not enabled')"}""")]
    [InlineData("autoscale", """{"max": 4, "min": 1}""", """{"error":"ValueError('Autoscale not enabled')"}""")]
    [InlineData("add_consumer", """{"queue": "more"}""", """{"ok":"add consumer more"}""")]
    [InlineData("cancel_consumer", """{"queue": "more"}""", """{"ok":"no longer consuming from more"}""")]
    [InlineData("enable_events", "{}", """{"ok":"task events already enabled"}""")]
    [InlineData("revoke", """{"task_id": "nobody", "terminate": true, "signal": "SIGTERM"}""", """{"ok":"terminate: tasks unknown"}""")]
    [InlineData("revoke", """{"task_id": ["a"]}""", """{"ok":"tasks a flagged as revoked"}""")]
    [InlineData("nonsense", "{}", """{"error":"KeyError('nonsense')"}""")]
    public async Task Control_OfPython_IsAnswered(string method, string arguments, string expected)
    {
        string answer = PythonClient.Plain(await AskAsync(method, arguments));
        // Celery's pool takes a process that has just come, or just ended a task, for busy.
        for (int tries = 0; answer.Contains("processes busy", StringComparison.Ordinal) && tries < 100; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop);
            answer = PythonClient.Plain(await AskAsync(method, arguments));
        }

        Assert.Equal(expected, answer);
    }

    [InteropFact]
    public async Task Revoke_ThroughTheClient_EndsAPythonTask()
    {
        TaskHandle running = await mixed.Client.SendAsync("tasks.sleep", [30], null, new EnqueueOptions { Queue = "py" }, Stop);
        await foreach (TaskUpdate update in running.WatchAsync(Stop))
        {
            if (update.State == TaskState.Started)
                break;
        }

        TaskHandle later = await mixed.Client.SendAsync("tasks.add", [1, 1], null, new EnqueueOptions { Queue = "py", Countdown = TimeSpan.FromSeconds(2) }, Stop);
        await running.RevokeAsync(terminate: true, Stop);
        await later.RevokeAsync(terminate: false, Stop);

        TaskRevokedException error = await Assert.ThrowsAsync<TaskRevokedException>(() => running.GetResultAsync<double>(Wait, Stop));
        Assert.Equal("terminated", error.Reason);
        error = await Assert.ThrowsAsync<TaskRevokedException>(() => later.GetResultAsync<long>(Wait, Stop));
        Assert.Equal("revoked", error.Reason);
    }

    [InteropFact]
    public async Task Shutdown_EndsAPythonWorker()
    {
        RunningProgram worker = await mixed.Fleet.StartPythonWorkerAsync("leaving-py", "leaving-py@test", slots: 1);
        IBackend backend = await mixed.Fleet.GetBackendAsync();

        await backend.Control.CastAsync(new ControlRequest("shutdown", RawJson.EmptyObject, ["leaving-py@test"]), Stop);

        Assert.Equal(0, await worker.EndAsync());
    }

    private async Task<JsonNode?> AskAsync(string method, string arguments)
    {
        IBackend backend = await mixed.Fleet.GetBackendAsync();
        ControlRequest request = new(method, RawJson.Parse(arguments), [MixedFleet.PythonNode]);
        ControlReply reply = Assert.Single(await backend.Control.CallAsync(request, Wait, Stop));
        Assert.Equal(MixedFleet.PythonNode, reply.Node);
        return JsonNode.Parse(reply.Value.ToString());
    }

    private static string Plain(RawJson value) => PythonClient.Plain(JsonNode.Parse(value.ToString()));
}
