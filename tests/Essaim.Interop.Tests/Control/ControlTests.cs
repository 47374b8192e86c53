namespace Essaim.Interop.Tests.Control;

/// <summary>What <c>celery control</c> and Flower tell workers, told to an Essaim worker.</summary>
public sealed class ControlTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    private const string Tell =
        """
        node = "net@test"
        def tell(method, **arguments):
            replies = app.control.broadcast(method, arguments=arguments, destination=[node], reply=True, timeout=10, limit=1)
            return replies[0][node]
        """;

    [InteropFact]
    public async Task Revoke_OfAWaitingTask_EndsItAsRevoked() => Assert.Equal(
        """["REVOKED",["revoked"]]""",
        await mixed.Python.TextAsync(
            """
            r = send("tasks.add", 1, 1, queue="net", countdown=2)
            r.revoke()
            result = [(error := raised(r)) and r.status, error.args]
            """));

    [InteropFact]
    public async Task Revoke_WithTerminate_EndsARunningTask() => Assert.Equal(
        """["REVOKED",["terminated"],true]""",
        await mixed.Python.TextAsync(
            """
            start = time.monotonic()
            r = send("tasks.sleep", 30, queue="net")
            wait_for(lambda: r.status == "STARTED")
            r.revoke(terminate=True)
            error = raised(r)
            result = [r.status, error.args, time.monotonic() - start < 15]
            """));

    [InteropFact]
    public async Task Revoke_WithoutTerminate_LeavesARunningTaskAlone() => Assert.Equal(
        "1.5",
        await mixed.Python.TextAsync(
            """
            r = send("tasks.sleep", 1.5, queue="net")
            wait_for(lambda: r.status == "STARTED")
            app.control.revoke(r.id, destination=["net@test"], reply=True, timeout=5)
            result = r.get(timeout=WAIT)
            """));

    [InteropFact]
    public async Task Terminate_OfUnknownTask_SaysSo() => Assert.Equal(
        """["terminate: tasks unknown",true]""",
        await mixed.Python.TextAsync(
            Tell + "\nresult = [tell('revoke', task_id='nobody', terminate=True, signal='SIGTERM')['ok'], 'flagged as revoked' in tell('revoke', task_id=['a', 'b'])['ok']]"));

    [InteropFact]
    public async Task RateLimit_IsSetAndShown_AndLifted() => Assert.Equal(
        """["new rate limit set successfully","tasks.mul [rate_limit=2/s]","rate limit disabled successfully",true]""",
        await mixed.Python.TextAsync(
            Tell + """

            ask = app.control.inspect(destination=[node], timeout=5)
            done = tell("rate_limit", task_name="tasks.mul", rate_limit="2/s")["ok"]
            shown = [name for name in ask.registered()[node] if name.startswith("tasks.mul")][0]
            start = time.monotonic()
            [r.get(timeout=WAIT) for r in [send("tasks.mul", i, 1, queue="net") for i in range(4)]]
            slowed = time.monotonic() - start > 1.2
            result = [done, shown, tell("rate_limit", task_name="tasks.mul", rate_limit=0)["ok"], slowed]
            """));

    [InteropFact]
    public async Task RateLimit_OfUnknownTask_IsAnError() => Assert.Equal(
        """["unknown task",true]""",
        await mixed.Python.TextAsync(
            Tell + "\nresult = [tell('rate_limit', task_name='tasks.nobody', rate_limit='2/s')['error'], 'error' in tell('rate_limit', task_name='tasks.add', rate_limit='many')]"));

    [InteropFact]
    public async Task TimeLimit_IsKept() => Assert.Equal(
        """["time limits set successfully","TimeLimitExceeded",true]""",
        await mixed.Python.TextAsync(
            Tell + """

            done = tell("time_limit", task_name="tasks.progress", hard=1, soft=None)["ok"]
            result = [done, type(raised(send("tasks.progress", 30, queue="net"))).__name__, "error" in tell("time_limit", task_name="tasks.nobody", hard=1)]
            """));

    [InteropFact]
    public async Task Pool_GrowsAndShrinks() => Assert.Equal(
        """["pool will grow",3,"pool will shrink",2]""",
        await mixed.Python.TextAsync(
            Tell + """

            size = lambda: len(tell("stats")["pool"]["processes"])
            grown = tell("pool_grow", n=1)["ok"]
            wait_for(lambda: size() == 3)
            shrunk = tell("pool_shrink", n=1)["ok"]
            wait_for(lambda: size() == 2)
            result = [grown, 3, shrunk, 2]
            """));

    [InteropTheory]
    [InlineData("pool_restart")]
    [InlineData("autoscale")]
    public async Task WhatIsNotEnabled_IsAnsweredAllTheSame(string method) => Assert.Equal(
        "true",
        await mixed.Python.TextAsync(Tell + "\nanswer = tell(method, **({'max': 2, 'min': 2} if method == 'autoscale' else {})); result = 'ok' in answer or 'error' in answer", ("method", method)));

    [InteropFact]
    public async Task Consumer_IsAddedAndCancelled() => Assert.Equal(
        """["add consumer extra",["extra","net"],7,"no longer consuming from extra",["net"]]""",
        await mixed.Python.TextAsync(
            Tell + """

            ask = app.control.inspect(destination=[node], timeout=5)
            queues = lambda: sorted(q["name"] for q in ask.active_queues()[node])
            added = tell("add_consumer", queue="extra", exchange=None, exchange_type="direct", routing_key=None)["ok"]
            both = queues()
            value = send("tasks.add", 3, 4, queue="extra").get(timeout=WAIT)
            result = [added, both, value, tell("cancel_consumer", queue="extra")["ok"], queues()]
            """));

    [InteropFact]
    public async Task Events_AreSwitched() => Assert.Equal(
        """["task events disabled","task events already disabled","task events enabled","task events already enabled"]""",
        await mixed.Python.TextAsync(Tell + "\nresult = [tell(m)['ok'] for m in ('disable_events', 'disable_events', 'enable_events', 'enable_events')]"));

    [InteropFact]
    public async Task Heartbeat_IsAnswered() =>
        Assert.Equal("null", await mixed.Python.TextAsync(Tell + "\nresult = tell('heartbeat')"));

    [InteropFact]
    public async Task Shutdown_EndsTheWorker()
    {
        RunningProgram worker = await mixed.Fleet.StartEssaimWorkerAsync("leaving", "leaving@test", slots: 1);

        await mixed.Python.RunAsync("app.control.shutdown(destination=['leaving@test'])");

        await worker.WaitForLineAsync("Worker leaving@test is down.");
        Assert.Equal(0, await worker.EndAsync());
    }
}
