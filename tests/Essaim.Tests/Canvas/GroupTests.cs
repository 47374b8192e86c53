using Essaim.Protocol;
using Essaim.Testing;
using static Essaim.Tests.Canvas.MathTasks;

namespace Essaim.Tests.Canvas;

public sealed class GroupTests
{
    [Fact]
    public async Task Group_Result_IsTheListOfResults()
    {
        await using TaskTestHost host = Host();

        Assert.Equal((int[])[0, 2, 4], await host.RunAsync<int[]>(Essaim.Canvas.Group(Add(0, 0), Add(1, 1), Add(2, 2))));
    }

    [Fact]
    public async Task Group_Members_ShareGroupIdAndHaveTheirIndex()
    {
        await using TaskTestHost host = Host();
        GroupHandle group = (GroupHandle)await host.Client.ApplyAsync(
            Essaim.Canvas.Group(Add(0, 0), Essaim.Canvas.Chain(Add(1, 1), Mul(2))), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        Assert.Equal((int[])[0, 4], await group.GetAsync<int[]>());
        Assert.Equal(2, await group.CountReadyAsync(TestContext.Current.CancellationToken));
        Assert.Equal([(group.Id, 0), (null, null), (group.Id, 1)], host.Enqueued.Select(task => (task.Message.GroupId, task.Message.GroupIndex)));
    }

    [Fact]
    public async Task Group_OfGroups_IsFlat()
    {
        await using TaskTestHost host = Host();

        Assert.Equal((int[])[1, 2, 3], await host.RunAsync<int[]>(Essaim.Canvas.Group(Essaim.Canvas.Group(Add(0, 1), Add(1, 1)), Add(1, 2))));
    }

    [Fact]
    public async Task Group_Empty_HasAnEmptyResult()
    {
        await using TaskTestHost host = Host();

        Assert.Empty(await host.RunAsync<int[]>(Essaim.Canvas.Group()));
        Assert.Empty(host.Enqueued);
    }

    [Fact]
    public async Task Group_AfterATask_GetsItsResultInEveryMember()
    {
        await using TaskTestHost host = Host();

        Assert.Equal((int[])[4, 9], await host.RunAsync<int[]>(Essaim.Canvas.Chain(Add(1, 2), Essaim.Canvas.Group(Add(1), Mul(3)))));
    }

    [Fact]
    public async Task Group_WithCallback_IsRefused()
    {
        await using TaskTestHost host = Host();

        CanvasException error = await Assert.ThrowsAsync<CanvasException>(() => host.Client.ApplyAsync(
            Essaim.Canvas.Group(Add(1, 1), Add(2, 2)).OnSuccess(Sum()), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(
            "A group has no single result that a callback could take. Put the callback on its members, or make the group the header of a chord.", error.Message);
    }

    [Fact]
    public async Task Group_Errback_RunsForEachFailedMember()
    {
        await using TaskTestHost host = Host();
        await host.Client.ApplyAsync(Essaim.Canvas.Group(Fail(), Add(1, 1), Fail()).OnError(OnError()), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, host.Enqueued.Count(task => task.Name == "tasks.onerr"));
    }

    [Fact]
    public async Task Group_FailedMember_FailsTheWait()
    {
        await using TaskTestHost host = Host();

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => host.RunAsync<int[]>(Essaim.Canvas.Group(Add(1, 1), Fail("no"))));
        Assert.Equal("InvalidOperationException", error.Error.Type);
    }

    [Fact]
    public async Task Chunks_RunAllCalls_InGroupsOfTheGivenSize()
    {
        await using TaskTestHost host = Host();
        Signature chunks = TaskSignature.Chunks("tasks.add", Enumerable.Range(0, 5).Select(n => (object?[])[n, n]), 2);

        Assert.Equal([[0, 2], [4, 6], [8]], await host.RunAsync<int[][]>(chunks));
        Assert.All(host.Enqueued, task => Assert.Equal("celery.starmap", task.Name));
    }

    [Fact]
    public async Task ChunksFromPython_AreExpandedWhenTheyAreSent()
    {
        await using TaskTestHost host = Host();
        Signature chunks = Signature.Decode(RawJson.Parse("""
            {"task": "celery.chunks", "args": [], "kwargs": {"task": {"task": "tasks.add", "args": [], "kwargs": {}, "options": {}, "subtask_type": null, "immutable": false},
             "it": [[1, 1], [2, 2], [3, 3]], "n": 2}, "options": {}, "subtask_type": "chunks", "immutable": false}
            """));

        Assert.Equal([[2, 4], [6]], await host.RunAsync<int[][]>(chunks));
    }

    [Fact]
    public async Task Map_RunsTheTaskForEachItem_InOneMessage()
    {
        await using TaskTestHost host = Host();

        Assert.Equal([[], [0], [0, 1]], await host.RunAsync<int[][]>(TaskSignature.Map("tasks.range", [0, 1, 2])));
        Assert.Single(host.Enqueued);
    }
}
