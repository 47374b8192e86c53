using System.Text.Json.Nodes;

namespace Essaim.Interop.Tests.Events;

/// <summary>Events of an Essaim worker as Celery's own receiver and state see them, and the reverse.</summary>
public sealed class EventTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [InteropFact]
    public async Task State_SeesTheEssaimWorkerOnline() => Assert.Equal(
        """[true,2,true,true,true,3,"essaim"]""",
        await mixed.Python.TextAsync(
            """
            with Watch() as watch:
                worker = wait_for(lambda: (w := watch.state.workers.get("net@test")) and w.heartbeats and w)
                beat = wait_for(lambda: [e for e in watch.events if e["type"] == "worker-heartbeat" and e["hostname"] == "net@test" and "processed" in e])[-1]
                result = [worker.alive, worker.freq, worker.pid > 0, isinstance(worker.active, int), isinstance(beat["processed"], int), len(beat["loadavg"]), beat["sw_ident"]]
            """));

    [InteropFact]
    public async Task Success_HasItsEventsInOrder() => Assert.Equal(
        """[["task-received","task-started","task-succeeded"],"SUCCESS","tasks.add","5",true,"[2, 3]","{}","net@test",true]""",
        await mixed.Python.TextAsync(
            """
            with Watch() as watch:
                r = send("tasks.add", 2, 3, queue="net")
                types = watch.types(r.id, "task-succeeded")
                task = watch.state.tasks[r.id]
                clocks = [e["clock"] for e in watch.of(r.id)]
                args = task.args.replace("(", "[").replace(")", "]")
                result = [types, task.state, task.name, task.result, task.runtime >= 0, args, task.kwargs, task.worker.hostname, clocks == sorted(set(clocks))]
            """));

    [InteropFact]
    public async Task Failure_HasItsEvents() => Assert.Equal(
        """[["task-received","task-started","task-failed"],"FAILURE","ValueError('no')",true]""",
        await mixed.Python.TextAsync(
            """
            with Watch() as watch:
                r = send("tasks.fail", "no", queue="net")
                types = watch.types(r.id, "task-failed")
                task = watch.state.tasks[r.id]
                result = [types, task.state, task.exception, "no" in task.traceback]
            """));

    [InteropFact]
    public async Task Retry_HasItsEvents() => Assert.Equal(
        """["task-received","task-started","task-retried","task-received","task-started","task-succeeded"]""",
        await mixed.Python.TextAsync(
            """
            with Watch() as watch:
                r = send("tasks.flaky", 1, queue="net")
                result = watch.types(r.id, "task-succeeded")
            """));

    [InteropFact]
    public async Task Revoked_AndExpired_HaveTheirEvents() => Assert.Equal(
        """[["REVOKED",false,null,true],["REVOKED",true,15,false]]""",
        await mixed.Python.TextAsync(
            """
            from datetime import datetime, timedelta, timezone
            with Watch() as watch:
                expired = send("tasks.add", 1, 1, queue="net", expires=datetime.now(timezone.utc) - timedelta(seconds=5))
                ended = send("tasks.sleep", 30, queue="net")
                wait_for(lambda: ended.status == "STARTED")
                ended.revoke(terminate=True)
                result = []
                for r in (expired, ended):
                    watch.types(r.id, "task-revoked")
                    last = watch.of(r.id)[-1]
                    result.append([watch.state.tasks[r.id].state, last["terminated"], last["signum"], last["expired"]])
            """));

    [InteropFact]
    public async Task Shadow_IsTheNameMonitorsShow() => Assert.Equal(
        "\"shown\"",
        await mixed.Python.TextAsync(
            """
            with Watch() as watch:
                r = send("tasks.add", 1, 1, queue="net", shadow="shown")
                watch.types(r.id, "task-succeeded")
                result = watch.state.tasks[r.id].name
            """));

    [InteropFact]
    public async Task EveryEvent_HasCelerysCommonFields() => Assert.Equal(
        "[]",
        await mixed.Python.TextAsync(
            """
            from celery.utils.time import utcoffset
            with Watch() as watch:
                r = send("tasks.add", 1, 1, queue="net")
                watch.types(r.id, "task-succeeded")
                ours = [e for e in watch.events if e["hostname"] == "net@test"]
                # The receiver takes its own offset from the event's; what is left is the difference of the clocks.
                result = [e["type"] for e in ours if not (abs(e["timestamp"] - time.time()) < 60 and e["pid"] > 0 and e["clock"] > 0 and e["utcoffset"] == utcoffset())]
            """));

    [InteropFact]
    public async Task Worker_ThatStops_GoesOffline()
    {
        RunningProgram worker = await mixed.Fleet.StartEssaimWorkerAsync("short", "short@test", slots: 1);
        Task<string> seen = mixed.Python.TextAsync(
            """
            with Watch() as watch:
                wait_for(lambda: "short@test" in watch.state.workers)
                server.set("watching", 1)
                wait_for(lambda: any(e["type"] == "worker-offline" and e["hostname"] == "short@test" for e in watch.events))
                result = watch.state.workers["short@test"].alive
            """);
        await using PythonClient second = mixed.Fleet.StartPythonClient();
        await second.RunAsync("wait_for(lambda: server.exists('watching'))");

        Assert.Equal(0, await worker.StopAsync());

        Assert.Equal("false", await seen);
    }

    [InteropFact]
    public async Task EventBus_SeesThePythonWorkersTask()
    {
        IBackend backend = await mixed.Fleet.GetBackendAsync();
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        enough.CancelAfter(TimeSpan.FromSeconds(40));
        string id = Guid.NewGuid().ToString();
        List<EventRecord> seen = [];
        bool sent = false;
        await foreach (EventEntry entry in backend.Events.SubscribeAsync(null, enough.Token))
        {
            // A heartbeat says that the subscription stands.
            if (!sent)
            {
                sent = true;
                await mixed.Client.SendAsync("tasks.add", [2, 3], null, new EnqueueOptions { Queue = "py", TaskId = id }, Stop);
            }

            if (entry.Event.TaskId == id)
                seen.Add(entry.Event);
            if (entry.Event.Type == "task-succeeded" && entry.Event.TaskId == id)
                break;
        }

        Assert.Equal(["task-received", "task-started", "task-succeeded"], seen.Select(entry => entry.Type));
        Assert.All(seen, entry => Assert.Equal(MixedFleet.PythonNode, entry.Hostname));
        Assert.Equal("tasks.add", JsonNode.Parse(seen[0].Body.ToString())!["name"]!.GetValue<string>());
        Assert.Equal("5", JsonNode.Parse(seen[2].Body.ToString())!["result"]!.GetValue<string>());
    }
}
