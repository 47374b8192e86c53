namespace Essaim.Interop.Tests.Composition;

/// <summary>What a failure does to the rest of a canvas that spans both languages.</summary>
public sealed class FailureTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [InteropTheory]
    [InlineData("net", "py")]
    [InlineData("py", "net")]
    public async Task Chord_WithAFailedPart_FailsItsBodyWithChordError(string failing, string other) => Assert.Equal(
        """["ChordError",true,"FAILURE",5]""",
        await mixed.Python.TextAsync(
            """
            bad, good = sig("tasks.fail", "no", queue=failing, task_id=str(uuid.uuid4())), sig("tasks.add", 2, 3, queue=other)
            r = chord([bad, good])(sig("tasks.total", queue=other))
            error = ended(r)["result"]
            members = r.parent.results
            result = [type(error).__name__, error.args[0] == f"Dependency {members[0].id} raised ValueError('no')", members[0].status, members[1].get(timeout=WAIT)]
            """,
            ("failing", failing), ("other", other)));

    [InteropTheory]
    [InlineData("net", "py")]
    [InlineData("py", "net")]
    public async Task Chord_OfEssaim_WithAFailedPart_FailsItsBody(string failing, string other)
    {
        CanvasHandle handle = await mixed.Client.ApplyAsync(
            Canvas.Chord([ChainTests.On(failing, "tasks.fail", "no"), ChainTests.On(other, "tasks.add", 2, 3)], ChainTests.On(other, "tasks.total")), null, Stop);

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => handle.GetResultAsync<long>(Wait, Stop));

        string failed = ((GroupHandle)handle.Parent!).Members[0].Id;
        Assert.Equal($"ChordError(\"Dependency {failed} raised ValueError('no')\")", error.Error.ToRepr());
    }

    [InteropTheory]
    [InlineData("net", "py")]
    [InlineData("py", "net")]
    public async Task Chord_WithAFailedPart_SendsTheErrbackOfItsBody(string failing, string other) => Assert.Equal(
        "true",
        await mixed.Python.TextAsync(
            """
            told = str(uuid.uuid4())
            body = sig("tasks.total", queue=other)
            body.link_error(sig("tasks.note", queue=other, task_id=told))
            r = chord([sig("tasks.fail", "no", queue=failing), sig("tasks.add", 2, 3, queue=other)])(body)
            result = AsyncResult(told, app=app).get(timeout=WAIT) == r.id
            """,
            ("failing", failing), ("other", other)));

    [InteropTheory]
    [InlineData("net", "py")]
    [InlineData("py", "net")]
    public async Task Chain_WithAFailedStep_FailsTheRest(string failing, string other) => Assert.Equal(
        """[["FAILURE","ValueError"],["FAILURE","ValueError"],["FAILURE","ValueError"],["SUCCESS","5"]]""",
        await mixed.Python.TextAsync(
            """
            r = chain(sig("tasks.add", 2, 3, queue=other), app.signature("tasks.fail", args=("no",), immutable=True, queue=failing),
                      sig("tasks.add", 1, queue=other), sig("tasks.mul", 2, queue=failing)).apply_async()
            raised(r)
            states = []
            while r:
                m = wait_for(lambda: (m := meta(r)) and m["status"] in ("SUCCESS", "FAILURE") and m)
                states.append([m["status"], type(m["result"]).__name__ if m["status"] == "FAILURE" else str(m["result"])])
                r = r.parent
            result = states
            """,
            ("failing", failing), ("other", other)));

    [InteropTheory]
    [InlineData("net", "py")]
    [InlineData("py", "net")]
    public async Task Chain_InAChord_ThatFails_FailsTheChord(string failing, string other) => Assert.Equal(
        "\"ChordError\"",
        await mixed.Python.TextAsync(
            """
            steps = chain(sig("tasks.fail", "no", queue=failing), sig("tasks.add", 1, queue=other))
            r = chord([steps, sig("tasks.add", 2, 3, queue=other)])(sig("tasks.total", queue=other))
            result = type(ended(r)["result"]).__name__
            """,
            ("failing", failing), ("other", other)));

    [InteropFact]
    public async Task Group_WithAFailedMember_RaisesItInPython() => Assert.Equal(
        """["ValueError",5]""",
        await mixed.Python.TextAsync(
            """
            r = group(sig("tasks.fail", "no", queue="net"), sig("tasks.add", 2, 3, queue="py")).apply_async()
            result = [type(raised(r)).__name__, r.results[1].get(timeout=WAIT)]
            """));

    [InteropTheory]
    [InlineData("net")]
    [InlineData("py")]
    public async Task Chord_WithARevokedPart_FailsItsBody(string queue) => Assert.Equal(
        """["ChordError","REVOKED"]""",
        await mixed.Python.TextAsync(
            """
            from datetime import datetime, timedelta, timezone
            late = sig("tasks.add", 1, 1, queue=queue, expires=datetime.now(timezone.utc) - timedelta(seconds=5))
            r = chord([late, sig("tasks.add", 2, 3, queue=queue)])(sig("tasks.total", queue=queue))
            result = [type(ended(r)["result"]).__name__, r.parent.results[0].status]
            """,
            ("queue", queue)));
}
