namespace Essaim.Interop.Tests.Composition;

/// <summary>Chords whose headers and bodies run in both languages.</summary>
public sealed class ChordTests(MixedFleet mixed) : IClassFixture<MixedFleet>
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Places => new()
    {
        { "net", "net", "py" },
        { "py", "py", "net" },
        { "net", "py", "net" },
        { "py", "net", "py" },
        { "net", "net", "net" },
    };

    [InteropTheory]
    [MemberData(nameof(Places))]
    public async Task Chord_OfPython_RunsItsBodyOnce(string first, string second, string body) => Assert.Equal(
        "12",
        await mixed.Python.TextAsync(
            """
            header = [sig("tasks.add", i, i, queue=first if i % 2 else second) for i in range(4)]
            result = chord(header)(sig("tasks.total", queue=body)).get(timeout=WAIT)
            """,
            ("first", first), ("second", second), ("body", body)));

    [InteropTheory]
    [MemberData(nameof(Places))]
    public async Task Chord_OfEssaim_RunsItsBodyOnce(string first, string second, string body)
    {
        CanvasHandle handle = await mixed.Client.ApplyAsync(
            Canvas.Chord([.. Enumerable.Range(0, 4).Select(i => ChainTests.On(i % 2 == 1 ? first : second, "tasks.add", i, i))], ChainTests.On(body, "tasks.total")), null, Stop);

        Assert.Equal(12, await handle.GetResultAsync<long>(Wait, Stop));
    }

    [InteropTheory]
    [InlineData("net", "py")]
    [InlineData("py", "net")]
    public async Task Chain_WithAGroupInside_IsPublishedByTheWorkerOfItsFirstStep(string first, string rest)
    {
        Assert.Equal(
            "120",
            await mixed.Python.TextAsync(
                """
                inside = group(sig("tasks.add", 1, queue=rest), sig("tasks.mul", 1, queue=first), sig("tasks.add", 0, queue=rest))
                r = chain(sig("tasks.add", 2, 1, queue=first), inside, sig("tasks.total", queue=rest), sig("tasks.mul", 12, queue=first)).apply_async()
                result = r.get(timeout=WAIT)
                """,
                ("first", first), ("rest", rest)));

        CanvasHandle handle = await mixed.Client.ApplyAsync(
            Canvas.Chain(
                ChainTests.On(first, "tasks.add", 2, 1),
                Canvas.Group(ChainTests.On(rest, "tasks.add", 1), ChainTests.On(first, "tasks.mul", 1), ChainTests.On(rest, "tasks.add", 0)),
                ChainTests.On(rest, "tasks.total"),
                ChainTests.On(first, "tasks.mul", 12)),
            null,
            Stop);
        Assert.Equal(120, await handle.GetResultAsync<long>(Wait, Stop));
    }

    [InteropTheory]
    [InlineData("net", "py")]
    [InlineData("py", "net")]
    public async Task Chord_OfChainsAndChords_Nests(string first, string second) => Assert.Equal(
        "68",
        await mixed.Python.TextAsync(
            """
            inner = chord([sig("tasks.add", 1, 1, queue=first), sig("tasks.add", 2, 2, queue=second)], sig("tasks.total", queue=first))
            steps = chain(sig("tasks.add", 2, 3, queue=second), sig("tasks.mul", 10, queue=first))
            result = chord([inner, steps, sig("tasks.add", 5, 7, queue=second)])(sig("tasks.total", queue=second)).get(timeout=WAIT)
            """,
            ("first", first), ("second", second)));

    [InteropFact]
    public async Task Chord_WithARetryInItsHeader_WaitsForIt() => Assert.Equal(
        "[6,6]",
        await mixed.Python.TextAsync(
            """
            result = [
                chord([sig("tasks.flaky", 1, queue=a), sig("tasks.add", 2, 3, queue=b)])(sig("tasks.total", queue=b)).get(timeout=WAIT)
                for a, b in (("net", "py"), ("py", "net"))
            ]
            """));

    [InteropFact]
    public async Task Chord_WithAReplacedTaskInItsHeader_WaitsForIt() => Assert.Equal(
        "11",
        await mixed.Python.TextAsync(
            """
            header = [sig("tasks.replace", "tasks.add", [4, 5], "net", queue="py"), sig("tasks.add", 1, 1, queue="net")]
            result = chord(header)(sig("tasks.total", queue="net")).get(timeout=WAIT)
            """));

    /// <summary>
    /// The step before the group runs on Essaim: a Python 5.2 worker that publishes such a group sets the chord's size anew, to the group's
    /// own, and the body starts too early, whoever counts.
    /// </summary>
    [InteropTheory]
    [InlineData("net", "py")]
    [InlineData("net", "net")]
    public async Task Chord_WithAGroupAtTheEndOfAPart_HasItsResultsNested(string first, string second)
    {
        const string Expected = "[[6,50],4]";
        Assert.Equal(
            Expected,
            await mixed.Python.TextAsync(
                """
                part = chain(sig("tasks.add", 2, 3, queue=first), group(sig("tasks.add", 1, queue=second), sig("tasks.mul", 10, queue=first)))
                result = chord([part, sig("tasks.add", 2, 2, queue=second)])(sig("tasks.note", queue=first)).get(timeout=WAIT)
                """,
                ("first", first), ("second", second)));

        CanvasHandle handle = await mixed.Client.ApplyAsync(
            Canvas.Chord(
                [
                    Canvas.Chain(ChainTests.On(first, "tasks.add", 2, 3), Canvas.Group(ChainTests.On(second, "tasks.add", 1), ChainTests.On(first, "tasks.mul", 10))),
                    ChainTests.On(second, "tasks.add", 2, 2),
                ],
                ChainTests.On(first, "tasks.note")),
            null,
            Stop);
        Assert.Equal(Expected, (await handle.GetResultAsync<Protocol.RawJson>(Wait, Stop)).ToString().Replace(" ", "", StringComparison.Ordinal));
    }

    [InteropFact]
    public async Task Chord_OfFiveHundred_RunsItsBodyOnce() => Assert.Equal(
        "249500",
        await mixed.Python.TextAsync(
            """
            header = [sig("tasks.add", i, i, queue=("net", "py")[i % 2]) for i in range(500)]
            result = chord(header)(sig("tasks.total", queue="net")).get(timeout=60)
            """));

    [InteropFact]
    public async Task Chord_LeavesNoCountersBehind() => Assert.Equal(
        "[]",
        await mixed.Python.TextAsync(
            """
            r = chord([sig("tasks.add", 1, 1, queue="net"), sig("tasks.add", 2, 2, queue="net")])(sig("tasks.total", queue="net"))
            group_id = r.parent.id
            r.get(timeout=WAIT)
            result = [key.decode() for key in server.keys(f"celery-taskset-meta-{group_id}*") if key.decode().endswith((".j", ".s", ".t"))]
            """));
}
