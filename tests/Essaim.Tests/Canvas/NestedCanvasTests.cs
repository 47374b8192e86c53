using Essaim.Protocol;
using Essaim.Testing;
using static Essaim.Tests.Canvas.MathTasks;

namespace Essaim.Tests.Canvas;

public sealed class NestedCanvasTests
{
    [Fact]
    public async Task TaskGroupTask_BecomesAChord() => await AssertResultAsync(15, Essaim.Canvas.Chain(Add(1, 2), Essaim.Canvas.Group(Add(3), Mul(3)), Sum()));

    [Fact]
    public async Task GroupTask_BecomesAChord() => await AssertResultAsync(6, Essaim.Canvas.Chain(Essaim.Canvas.Group(Add(1, 1), Add(2, 2)), Sum()));

    [Fact]
    public async Task GroupOfOneInAChain_IsItsMember() => await AssertResultAsync(30, Essaim.Canvas.Chain(Essaim.Canvas.Group(Add(1, 2)), Mul(10)));

    [Fact]
    public async Task ChordThenTask_PassesTheBodysResultOn() =>
        await AssertResultAsync(60, Essaim.Canvas.Chain(Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Sum()), Mul(10)));

    [Fact]
    public async Task TaskChordTaskTask_RunsInOrder() => await AssertResultAsync(
        65, Essaim.Canvas.Chain(Add(1, 1), Essaim.Canvas.Chord([Add(0), Add(2)], Sum()), Mul(10), Add(5)));

    [Fact]
    public async Task GroupGroupTask_RunsTheSecondGroupWithTheListOfTheFirst() => await AssertResultAsync(
        new[] { new[] { 1, 2 }, [1, 2] },
        Essaim.Canvas.Chain(Essaim.Canvas.Group(Add(0, 1), Add(1, 1)), Essaim.Canvas.Group(Identity(), Identity()), Identity()));

    [Fact]
    public async Task GroupThenGroup_HasTheResultsOfTheSecond() => await AssertResultAsync(
        new[] { 3, 3 }, Essaim.Canvas.Chain(Essaim.Canvas.Group(Add(0, 1), Add(1, 1)), Essaim.Canvas.Group(Sum(), Sum())));

    [Fact]
    public async Task ChordWhoseBodyIsAChain_RunsItToItsEnd() =>
        await AssertResultAsync(65, Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Essaim.Canvas.Chain(Sum(), Mul(10), Add(5))));

    [Fact]
    public async Task ChordWhoseBodyIsAChainThenTasks_RunsThemInOrder() => await AssertResultAsync(
        130, Essaim.Canvas.Chain(Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Essaim.Canvas.Chain(Sum(), Mul(10))), Add(5), Mul(2)));

    [Fact]
    public async Task ChordWhoseBodyIsAGroup_GivesEachMemberTheList() =>
        await AssertResultAsync(new[] { 6, 6 }, Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Essaim.Canvas.Group(Sum(), Sum())));

    [Fact]
    public async Task ChordWhoseBodyIsAChord_RunsBoth() => await AssertResultAsync(
        12, Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Essaim.Canvas.Chord([Sum(), Sum()], Sum())));

    [Fact]
    public async Task ChordInsideAChordsHeader_CountsAsOnePart() => await AssertResultAsync(
        new[] { 6, 10 }, Essaim.Canvas.Chord([Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Sum()), Add(5, 5)], Identity()));

    [Fact]
    public async Task ThreeChordsDeep_ReleasesFromTheInside() => await AssertResultAsync(
        new[] { 11, 1 },
        Essaim.Canvas.Chord(
            [Essaim.Canvas.Chord([Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Sum()), Add(2, 3)], Sum()), Add(0, 1)], Identity()));

    [Fact]
    public async Task ChainInsideAChordsHeader_CountsWithItsLastStep() => await AssertResultAsync(
        new[] { 30, 4 }, Essaim.Canvas.Chord([Essaim.Canvas.Chain(Add(1, 2), Mul(10)), Add(2, 2)], Identity()));

    [Fact]
    public async Task ChainEndingInAGroupInsideAChordsHeader_GivesItsListAsOneResult() => await AssertResultAsync(
        "[[4,9],4]", Essaim.Canvas.Chord([Essaim.Canvas.Chain(Add(1, 2), Essaim.Canvas.Group(Add(1), Mul(3))), Add(2, 2)], Identity()));

    [Fact]
    public async Task GroupInsideAChordsHeader_IsFlat() => await AssertResultAsync(
        new[] { 2, 4, 6 }, Essaim.Canvas.Chord([Essaim.Canvas.Group(Add(1, 1), Add(2, 2)), Add(3, 3)], Identity()));

    [Fact]
    public async Task ChordWithGroupBodyThenTask_GathersTheGroup() => await AssertResultAsync(
        12, Essaim.Canvas.Chain(Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Essaim.Canvas.Group(Sum(), Sum())), Sum()));

    [Fact]
    public async Task ChainOfChordInsideAGroup_IsAMember() => await AssertResultAsync(
        new[] { 60, 3 }, Essaim.Canvas.Group(Essaim.Canvas.Chain(Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Sum()), Mul(10)), Add(1, 2)));

    [Fact]
    public async Task EmptyGroupBeforeATask_GivesItAnEmptyList() => await AssertResultAsync(0, Essaim.Canvas.Chain(Essaim.Canvas.Group(), Sum()));

    [Fact]
    public async Task ChordSentByPythonInsideAChain_RunsFromItsWireForm()
    {
        await using TaskTestHost host = Host();
        // As captured from Celery 5.2: a chord as the next step, its header a group object with frozen ids.
        Signature step = Signature.Decode(RawJson.Parse("""
            {"task": "celery.chord", "args": [], "kwargs": {"kwargs": {},
              "header": {"task": "celery.group", "args": [], "kwargs": {"tasks": [
                {"task": "tasks.add", "args": [2], "kwargs": {}, "options": {"task_id": "a", "group_index": 0}, "subtask_type": null, "immutable": false},
                {"task": "tasks.mul", "args": [3], "kwargs": {}, "options": {"task_id": "b", "group_index": 1}, "subtask_type": null, "immutable": false}]},
                "options": {"task_id": "g", "root_id": null, "parent_id": null}, "subtask_type": "group", "immutable": false},
              "body": {"task": "celery.chain", "args": [], "kwargs": {"tasks": [
                {"task": "tasks.tsum", "args": [], "kwargs": {}, "options": {"task_id": "c"}, "subtask_type": null, "immutable": false},
                {"task": "tasks.mul", "args": [2], "kwargs": {}, "options": {"task_id": "d"}, "subtask_type": null, "immutable": false}]},
                "options": {}, "subtask_type": "chain", "immutable": false}},
             "options": {"task_id": "g"}, "subtask_type": "chord", "immutable": false}
            """));

        Assert.Equal(20, await host.RunAsync<int>(Essaim.Canvas.Chain(Add(1, 1), step)));
        Assert.Equal(["a", "b"], host.Enqueued.Where(task => task.Message.GroupId == "g").Select(task => task.Id));
        Assert.NotNull(await host.Backend.Results.GetAsync("d", TestContext.Current.CancellationToken));
    }

    private static async Task AssertResultAsync<T>(T expected, Signature canvas)
    {
        await using TaskTestHost host = Host();

        RawJson result = await host.RunAsync<RawJson>(canvas);

        Assert.Equal(expected as string ?? RawJson.From(expected).ToString(), result.ToString());
    }
}
