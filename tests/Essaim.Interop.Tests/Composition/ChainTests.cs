namespace Essaim.Interop.Tests.Composition;

/// <summary>Chains, groups, callbacks and replaced tasks whose steps run in both languages.</summary>
public sealed class ChainTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [InteropTheory]
    [InlineData("net", "py", "net")]
    [InlineData("py", "net", "py")]
    public async Task Chain_OfPython_RunsAcrossQueues(string first, string second, string third) => Assert.Equal(
        "[51,50,5]",
        await mixed.Python.TextAsync(
            """
            r = chain(sig("tasks.add", 2, 3, queue=first), sig("tasks.mul", 10, queue=second), sig("tasks.add", 1, queue=third)).apply_async()
            result = [r.get(timeout=WAIT), r.parent.get(timeout=WAIT), r.parent.parent.get(timeout=WAIT)]
            """,
            ("first", first), ("second", second), ("third", third)));

    [InteropTheory]
    [InlineData("net", "py", "net")]
    [InlineData("py", "net", "py")]
    public async Task Chain_OfEssaim_RunsAcrossQueues(string first, string second, string third)
    {
        CanvasHandle handle = await mixed.Client.ApplyAsync(Canvas.Chain(On(first, "tasks.add", 2, 3), On(second, "tasks.mul", 10), On(third, "tasks.add", 1)), null, Stop);

        Assert.Equal(51, await handle.GetResultAsync<long>(Wait, Stop));
        Assert.Equal(50, await handle.Parent!.GetResultAsync<long>(Wait, Stop));
    }

    [InteropFact]
    public async Task Chain_LeavesItsChildrenToWalk() => Assert.Equal(
        "[true,true]",
        await mixed.Python.TextAsync(
            """
            r = chain(sig("tasks.add", 2, 3, queue="net"), sig("tasks.mul", 10, queue="py"), sig("tasks.add", 1, queue="net")).apply_async()
            r.get(timeout=WAIT)
            first = AsyncResult(r.parent.parent.id, app=app)
            second = first.children[0]
            result = [second.id == r.parent.id, second.children[0].id == r.id]
            """));

    [InteropFact]
    public async Task Step_KnowsItsRootAndParent() => Assert.Equal(
        "[true,true]",
        await mixed.Python.TextAsync(
            """
            r = chain(sig("tasks.add", 2, 3, queue="py"), sig("tasks.mul", 10, queue="net")).apply_async()
            r.get(timeout=WAIT)
            result = [meta(r)["parent_id"] == r.parent.id, meta(r.parent).get("parent_id") is None]
            """));

    [InteropFact]
    public async Task Immutable_StepTakesNoResult() => Assert.Equal(
        "7",
        await mixed.Python.TextAsync(
            "result = chain(sig('tasks.add', 2, 3, queue='py'), app.signature('tasks.add', args=(3, 4), queue='net', immutable=True))().get(timeout=WAIT)"));

    [InteropFact]
    public async Task Group_AcrossQueues_KeepsItsOrder()
    {
        Assert.Equal(
            "[2,4,6,8]",
            await mixed.Python.TextAsync(
                "result = group(sig('tasks.add', i, i, queue='net' if i % 2 else 'py') for i in range(1, 5))().get(timeout=WAIT)"));

        CanvasHandle handle = await mixed.Client.ApplyAsync(
            Canvas.Group(On("py", "tasks.add", 1, 1), On("net", "tasks.add", 2, 2), On("py", "tasks.add", 3, 3)), null, Stop);
        Assert.Equal((long[])[2, 4, 6], await handle.GetResultAsync<long[]>(Wait, Stop));
    }

    [InteropTheory]
    [InlineData("net", "py")]
    [InlineData("py", "net")]
    public async Task Link_RunsInTheOtherLanguage(string task, string callback)
    {
        Assert.Equal(
            "[50,6]",
            await mixed.Python.TextAsync(
                """
                ids = [str(uuid.uuid4()), str(uuid.uuid4())]
                send("tasks.add", 2, 3, queue=task, link=[sig("tasks.mul", 10, queue=callback, task_id=ids[0]), sig("tasks.add", 1, queue=callback, task_id=ids[1])])
                result = [AsyncResult(id, app=app).get(timeout=WAIT) for id in ids]
                """,
                ("task", task), ("callback", callback)));

        string id = Guid.NewGuid().ToString();
        await mixed.Client.ApplyAsync(On(task, "tasks.add", 2, 3).OnSuccess(WithId(callback, id, "tasks.mul", 10)), null, Stop);
        Assert.Equal(50, await mixed.Client.GetHandle(id).GetResultAsync<long>(Wait, Stop));
    }

    [InteropTheory]
    [InlineData("net", "py")]
    [InlineData("py", "net")]
    public async Task LinkError_RunsInTheOtherLanguage_WithTheFailedId(string task, string errback)
    {
        Assert.Equal(
            "true",
            await mixed.Python.TextAsync(
                """
                id = str(uuid.uuid4())
                r = send("tasks.fail", "no", queue=task, link_error=sig("tasks.note", queue=errback, task_id=id))
                result = AsyncResult(id, app=app).get(timeout=WAIT) == r.id
                """,
                ("task", task), ("errback", errback)));

        string id = Guid.NewGuid().ToString();
        CanvasHandle failing = await mixed.Client.ApplyAsync(On(task, "tasks.fail", "no").OnError(WithId(errback, id, "tasks.note")), null, Stop);
        Assert.Equal(failing.Id, await mixed.Client.GetHandle(id).GetResultAsync<string>(Wait, Stop));
    }

    [InteropFact]
    public async Task Replaced_PythonTask_EndsAsTheEssaimTask() => Assert.Equal(
        "[9,90,[9,2]]",
        await mixed.Python.TextAsync(
            """
            replaced = lambda: sig("tasks.replace", "tasks.add", [4, 5], "net", queue="py")
            alone = send("tasks.replace", "tasks.add", [4, 5], "net", queue="py").get(timeout=WAIT)
            chained = chain(replaced(), sig("tasks.mul", 10, queue="net"))().get(timeout=WAIT)
            grouped = group(replaced(), sig("tasks.add", 1, 1, queue="net"))().get(timeout=WAIT)
            result = [alone, chained, grouped]
            """));

    [InteropFact]
    public async Task Retry_InsideAChain_KeepsTheRest() => Assert.Equal(
        "[11,11]",
        await mixed.Python.TextAsync(
            """
            result = [
                chain(sig("tasks.flaky", 1, queue=a), sig("tasks.add", 10, queue=b))().get(timeout=WAIT) for a, b in (("net", "py"), ("py", "net"))
            ]
            """));

    [InteropFact]
    public async Task Sample_SendsAChainFromItsCommandLine() =>
        Assert.Equal("50", await mixed.Fleet.RunSampleAsync("canvas", "chain", "tasks.add@net 2 3", "tasks.mul@py 10", "--wait", "20"));

    internal static Protocol.Signature On(string queue, string name, params object?[] args) =>
        TaskSignature.Of(name, args, options: new EnqueueOptions { Queue = queue });

    private static Protocol.Signature WithId(string queue, string id, string name, params object?[] args) =>
        TaskSignature.Of(name, args, options: new EnqueueOptions { Queue = queue, TaskId = id });
}
