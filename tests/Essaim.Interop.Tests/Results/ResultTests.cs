using Essaim.Protocol;

namespace Essaim.Interop.Tests.Results;

/// <summary>Results written by one kind and read by the other.</summary>
public sealed class ResultTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [InteropFact]
    public async Task Success_OfEssaim_ReadsInPython() => Assert.Equal(
        """["SUCCESS",5,5,null,true,[]]""",
        await mixed.Python.TextAsync(
            """
            from datetime import datetime, timedelta, timezone
            r = send("tasks.add", 2, 3, queue="net")
            value = r.get(timeout=WAIT)
            done = r.date_done if isinstance(r.date_done, datetime) else datetime.fromisoformat(r.date_done)
            recent = abs(datetime.now(timezone.utc).replace(tzinfo=None) - done.replace(tzinfo=None)) < timedelta(seconds=20)
            result = [r.status, value, r.info, r.traceback, recent, r.children]
            """));

    [InteropFact]
    public async Task Failure_OfEssaim_IsPythonsValueError() => Assert.Equal(
        """["FAILURE",true,["no such thing: é"],true]""",
        await mixed.Python.TextAsync(
            """
            r = send("tasks.fail", "no such thing: é", queue="net")
            try:
                r.get(timeout=WAIT)
            except ValueError as error:
                result = [r.status, type(error) is ValueError, error.args, "FormatException" in r.traceback]
            """));

    [InteropFact]
    public async Task Failure_OfPython_ReadsInEssaim()
    {
        TaskHandle handle = await SendAsync("tasks.fail", "no such thing: é");

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => handle.GetResultAsync<long>(Wait, Stop));

        Assert.Equal($"Task {handle.Id} failed with builtins.ValueError: no such thing: é Its stack trace is in Traceback.", error.Message);
        Assert.Contains("raise ValueError(msg)", error.Traceback!, StringComparison.Ordinal);
    }

    [InteropFact]
    public async Task Retries_OfEssaim_ReadInPython() => Assert.Equal(
        """["TimeoutError",["attempt 1"],"SUCCESS",2]""",
        await mixed.Python.TextAsync(
            """
            r = send("tasks.flaky", 2, queue="net")
            between = wait_for(lambda: (m := meta(r)) and m["status"] == "RETRY" and m)
            error = between["result"]
            value = r.get(timeout=WAIT)
            result = [type(error).__name__, error.args, r.status, value]
            """));

    [InteropFact]
    public async Task Retries_OfPython_ReadInEssaim()
    {
        TaskHandle handle = await SendAsync("tasks.flaky", 2);

        List<TaskState> states = [];
        await foreach (TaskUpdate update in handle.WatchAsync(Stop))
            states.Add(update.State);

        Assert.Contains(TaskState.Retry, states);
        Assert.Equal(2, await handle.GetResultAsync<int>(Wait, Stop));
    }

    [InteropTheory]
    [InlineData("net")]
    [InlineData("py")]
    public async Task Retries_ThatAreUsedUp_EndWithTheError(string queue) => Assert.Equal(
        """["FAILURE","TimeoutError",["attempt 6"]]""",
        await mixed.Python.TextAsync(
            "r = send('tasks.flaky', 99, queue=queue); error = raised(r); result = [r.status, type(error).__name__, error.args]", ("queue", queue)));

    [InteropFact]
    public async Task Progress_OfEssaim_ReadsInPython() => Assert.Equal(
        """["PROGRESS",{"fraction":0.5,"current":50,"total":100,"text":"half way","data":{"step":1}},"done"]""",
        await mixed.Python.TextAsync(
            """
            r = send("tasks.progress", 1, queue="net")
            wait_for(lambda: r.status == "PROGRESS")
            result = ["PROGRESS", r.info, r.get(timeout=WAIT)]
            """));

    [InteropFact]
    public async Task Progress_OfPython_ReadsInEssaim()
    {
        TaskHandle handle = await SendAsync("tasks.progress", 1);

        TaskProgress? seen = null;
        await foreach (TaskUpdate update in handle.WatchAsync(Stop))
            seen ??= update.Progress;

        Assert.Equal((0.5, "half way"), (seen!.Fraction, seen.Text));
    }

    [InteropFact]
    public async Task Started_OfEssaim_ReadsInPython() => Assert.Equal(
        """["STARTED","net@test",1]""",
        await mixed.Python.TextAsync(
            """
            r = send("tasks.sleep", 1, queue="net")
            m = wait_for(lambda: (m := meta(r)) and m["status"] == "STARTED" and m)
            result = ["STARTED", m["result"]["hostname"], r.get(timeout=WAIT)]
            """));

    [InteropFact]
    public async Task Forget_RemovesWhatTheOtherKindStored()
    {
        Assert.Equal(
            """[1,0,"PENDING"]""",
            await mixed.Python.TextAsync(
                """
                r = send("tasks.add", 2, 3, queue="net")
                r.get(timeout=WAIT)
                key = f"celery-task-meta-{r.id}"
                before = server.exists(key)
                r.forget()
                result = [before, server.exists(key), AsyncResult(r.id, app=app).status]
                """));

        TaskHandle handle = await SendAsync("tasks.note", "x");
        await handle.GetResultAsync<string>(Wait, Stop);
        await handle.ForgetAsync(Stop);
        Assert.Equal("PENDING", await StatusAsync(handle.Id));
    }

    [InteropFact]
    public async Task Group_SavedByPython_ReadsInEssaim_AndBack()
    {
        string id = (await mixed.Python.RunAsync(
            """
            g = group(sig("tasks.add", i, i, queue="net") for i in range(3)).apply_async()
            g.save()
            assert g.get(timeout=WAIT) == [0, 2, 4]
            result = g.id
            """))!.GetValue<string>();
        IBackend backend = await mixed.Fleet.GetBackendAsync();

        RawJson saved = (await backend.Results.GetGroupAsync(id, Stop))!.Value;
        await backend.Results.SaveGroupAsync("saved-by-essaim", saved, TimeSpan.FromHours(1), Stop);

        Assert.StartsWith($"[[\"{id}\"", saved.ToString().Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("[0,2,4]", await mixed.Python.TextAsync("result = GroupResult.restore('saved-by-essaim', app=app).join(timeout=WAIT)"));
    }

    [InteropFact]
    public async Task TwoThousandResults_OfEssaim_AreJoinedByPython() => Assert.Equal(
        "[2000,3998000]",
        await mixed.Python.TextAsync(
            """
            values = group(sig("tasks.add", i, i, queue="net") for i in range(2000)).apply_async().join(timeout=60)
            result = [len(values), sum(values)]
            """));

    [InteropFact]
    public async Task TwoThousandResults_OfPython_AreJoinedByEssaim()
    {
        Signature group = Canvas.Group(
            [.. Enumerable.Range(0, 2000).Select(i => TaskSignature.Of("tasks.add", [i, i], options: new EnqueueOptions { Queue = "py" }))]);

        CanvasHandle handle = await mixed.Client.ApplyAsync(group, cancellationToken: Stop);

        Assert.Equal(Enumerable.Range(0, 2000).Select(i => 2L * i), await handle.GetResultAsync<long[]>(TimeSpan.FromSeconds(60), Stop));
    }

    private Task<TaskHandle> SendAsync(string name, object argument) =>
        mixed.Client.SendAsync(name, [argument], null, new EnqueueOptions { Queue = "py" }, Stop);

    private async Task<string> StatusAsync(string id) =>
        (await mixed.Python.RunAsync("result = AsyncResult(id, app=app).status", ("id", id)))!.GetValue<string>();
}
