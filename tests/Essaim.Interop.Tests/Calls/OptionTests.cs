using System.Diagnostics;
using Essaim.Protocol;

namespace Essaim.Interop.Tests.Calls;

/// <summary>Every option of a call, both ways.</summary>
public sealed class OptionTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [InteropTheory]
    [InlineData("countdown=1.5")]
    [InlineData("eta=datetime.now(timezone.utc) + timedelta(seconds=1.5)")]
    [InlineData("eta=datetime.now(timezone(timedelta(hours=5, minutes=30))) + timedelta(seconds=1.5)")]
    public async Task Python_DelaysATask_AndEssaimWaits(string option)
    {
        double waited = (await mixed.Python.RunAsync(
            $"""
            from datetime import datetime, timedelta, timezone
            start = time.monotonic()
            assert send("tasks.add", 2, 3, queue="net", {option}).get(timeout=WAIT) == 5
            result = time.monotonic() - start
            """))!.GetValue<double>();

        Assert.InRange(waited, 1.4, 15);
    }

    [InteropFact]
    public async Task Essaim_DelaysATask_AndPythonWaits()
    {
        long start = Stopwatch.GetTimestamp();

        TaskHandle countdown = await SendAsync("tasks.add", [2, 3], new EnqueueOptions { Countdown = TimeSpan.FromSeconds(1.5) });
        TaskHandle eta = await SendAsync("tasks.add", [3, 4], new EnqueueOptions { Eta = TimeProvider.System.GetLocalNow() + TimeSpan.FromSeconds(1.5) });

        Assert.Equal(5, await countdown.GetResultAsync<long>(Wait, Stop));
        Assert.Equal(7, await eta.GetResultAsync<long>(Wait, Stop));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 1.4, 15);
    }

    [InteropFact]
    public async Task Python_SendsWhatHasExpired_AndEssaimRevokesIt() => Assert.Equal(
        """["REVOKED","TaskRevokedError",["expired"]]""",
        await mixed.Python.TextAsync(
            """
            from datetime import datetime, timedelta, timezone
            r = send("tasks.add", 2, 3, queue="net", expires=datetime.now(timezone.utc) - timedelta(seconds=5))
            error = raised(r)
            result = [r.status, type(error).__name__, error.args]
            """));

    [InteropFact]
    public async Task Essaim_SendsWhatHasExpired_AndPythonRevokesIt()
    {
        TaskHandle handle = await SendAsync("tasks.add", [2, 3], new EnqueueOptions { Expires = TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(5) });

        TaskRevokedException error = await Assert.ThrowsAsync<TaskRevokedException>(() => handle.GetResultAsync<long>(Wait, Stop));

        Assert.Equal("expired", error.Reason);
    }

    [InteropFact]
    public async Task Python_SendsPriorities_AndEssaimTakesTheHighestFirst()
    {
        await mixed.Python.RunAsync(
            """
            for priority in (9, 8, 5, 0, 3):
                send("tasks.add", priority, 0, queue="prio-net", priority=priority, task_id=f"net-priority-{priority}")
            """);

        await mixed.Fleet.StartEssaimWorkerAsync("prio-net", "prio-net@test", slots: 1);

        Assert.Equal(
            "[0,5,3,8,9]",
            await mixed.Python.TextAsync(
                """
                ends = wait_for(lambda: (m := [meta(f"net-priority-{p}") for p in (9, 8, 5, 0, 3)]) and all(d["status"] == "SUCCESS" for d in m) and m)
                order = [d["result"] for d in sorted(ends, key=lambda d: d["date_done"])]
                result = order
                """));
    }

    [InteropFact]
    public async Task Essaim_SendsPriorities_AndPythonTakesTheHighestFirst()
    {
        foreach (int priority in (int[])[9, 8, 5, 0, 3])
            await mixed.Client.SendAsync("tasks.add", [priority, 0], null, new EnqueueOptions { Queue = "prio-py", Priority = priority, TaskId = $"py-priority-{priority}" }, Stop);

        await mixed.Fleet.StartPythonWorkerAsync("prio-py", "prio-py@test", slots: 1);

        Assert.Equal(
            // 5 and 3 share a step and keep their order.
            "[0,5,3,8,9]",
            await mixed.Python.TextAsync(
                """
                ends = wait_for(lambda: (m := [meta(f"py-priority-{p}") for p in (9, 8, 5, 0, 3)]) and all(d["status"] == "SUCCESS" for d in m) and m)
                result = [d["result"] for d in sorted(ends, key=lambda d: d["date_done"])]
                """));
    }

    [InteropFact]
    public async Task Python_SendsHeaders_AndEssaimReadsThem() => Assert.Equal(
        """{"name":"Ada","level":3}""",
        await mixed.Python.TextAsync("result = send('tasks.headers', 'tenant', queue='net', headers={'tenant': {'name': 'Ada', 'level': 3}}).get(timeout=WAIT)"));

    [InteropFact]
    public async Task Essaim_SendsHeaders_AndPythonReadsThem()
    {
        TaskHandle handle = await SendAsync("tasks.headers", ["tenant"], new EnqueueOptions { Headers = new Dictionary<string, object?> { ["tenant"] = "Ada" } });

        Assert.Equal("Ada", await handle.GetResultAsync<string>(Wait, Stop));
    }

    [InteropTheory]
    [InlineData("time_limit=1", """["TimeLimitExceeded",[1]]""")]
    [InlineData("soft_time_limit=1", """["SoftTimeLimitExceeded",[]]""")]
    public async Task Python_SetsATimeLimit_AndEssaimKeepsIt(string option, string expected) => Assert.Equal(
        expected,
        await mixed.Python.TextAsync($"error = raised(send('tasks.sleep', 30, queue='net', {option})); result = [type(error).__name__, error.args]"));

    [InteropFact]
    public async Task Essaim_SetsTimeLimits_AndPythonKeepsThem()
    {
        TaskHandle hard = await SendAsync("tasks.sleep", [30], new EnqueueOptions { HardTimeLimit = TimeSpan.FromSeconds(1) });
        TaskHandle soft = await SendAsync("tasks.sleep", [30], new EnqueueOptions { SoftTimeLimit = TimeSpan.FromSeconds(1) });

        TaskFailedException hardError = await Assert.ThrowsAsync<TaskFailedException>(() => hard.GetResultAsync<double>(Wait, Stop));
        TaskFailedException softError = await Assert.ThrowsAsync<TaskFailedException>(() => soft.GetResultAsync<double>(Wait, Stop));

        Assert.Equal(("TimeLimitExceeded", "SoftTimeLimitExceeded"), (hardError.Error.Type, softError.Error.Type));
    }

    [InteropFact]
    public async Task Python_IgnoresAResult_AndEssaimStoresNone() => Assert.Equal(
        """["PENDING",0]""",
        await mixed.Python.TextAsync(
            """
            quiet = send("tasks.add", 2, 3, queue="net", ignore_result=True)
            # A loud twin and a link tell when the quiet one is over.
            told = str(uuid.uuid4())
            quiet2 = send("tasks.add", 2, 3, queue="net", ignore_result=True, link=sig("tasks.add", 1, queue="net", task_id=told))
            assert AsyncResult(told, app=app).get(timeout=WAIT) == 6
            result = [AsyncResult(quiet2.id, app=app).status, server.exists(f"celery-task-meta-{quiet2.id}")]
            """));

    [InteropFact]
    public async Task Essaim_IgnoresAResult_AndPythonStoresNone()
    {
        string told = Guid.NewGuid().ToString();
        Signature callback = TaskSignature.Of("tasks.add", [1], options: new EnqueueOptions { Queue = "py", TaskId = told });

        TaskHandle handle = await SendAsync("tasks.add", [2, 3], new EnqueueOptions { IgnoreResult = true, Link = [callback] });

        Assert.Equal(6, await mixed.Client.GetHandle(told).GetResultAsync<long>(Wait, Stop));
        // Celery 5.2 stores STARTED all the same where it tracks that.
        Assert.False((await handle.GetStateAsync(Stop)).IsReady);
    }

    [InteropTheory]
    [InlineData("gzip")]
    [InlineData("bzip2")]
    public async Task Python_Compresses_AndEssaimReads(string compression) => Assert.Equal(
        "[300000,true]",
        await mixed.Python.TextAsync(
            """
            text = "é0" * 150000
            back = send("tasks.echo", queue="net", kwargs={"text": text}, compression=compression).get(timeout=WAIT)["text"]
            result = [len(back), back == text]
            """,
            ("compression", compression)));

    [InteropTheory]
    [InlineData("gzip")]
    [InlineData("bzip2")]
    public async Task Essaim_Compresses_AndPythonReads(string compression)
    {
        string text = string.Concat(Enumerable.Repeat("é0", 150_000));

        TaskHandle handle = await mixed.Client.SendAsync(
            "tasks.echo", null, new Dictionary<string, object?> { ["text"] = text }, new EnqueueOptions { Queue = "py", Compression = compression }, Stop);

        Assert.Equal(text, (await handle.GetResultAsync<Dictionary<string, string>>(Wait, Stop))["text"]);
    }

    [InteropFact]
    public async Task Sample_SendsWithCallbacksHeadersAndCompression() => Assert.Equal(
        "\"Ada\"",
        await mixed.Fleet.RunSampleAsync(
            "canvas", "task", "tasks.headers@py tenant", "--header", "tenant=Ada", "--compression", "gzip", "--shadow", "shown", "--wait", "20"));

    private Task<TaskHandle> SendAsync(string name, IReadOnlyList<object?> args, EnqueueOptions options) =>
        mixed.Client.SendAsync(name, args, null, options with { Queue = "py" }, Stop);
}
