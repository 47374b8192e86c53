using Essaim.Protocol;
using Essaim.Testing;
using static Essaim.Tests.Canvas.MathTasks;

namespace Essaim.Tests.Canvas;

/// <summary>Nobody waits for ever: every task that can no longer come is settled with those that failed.</summary>
public sealed class CanvasFailureTests
{
    [Fact]
    public async Task Chain_FailedStep_FailsEveryStepAfterIt()
    {
        await using TaskTestHost host = Host();
        CanvasHandle last = await host.Client.ApplyAsync(
            Essaim.Canvas.Chain(Add(1, 2), Fail("no"), Mul(10), Add(5)), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        foreach (CanvasHandle step in (CanvasHandle[])[last, last.Parent!, last.Parent!.Parent!])
        {
            TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => step.GetAsync<int>());
            Assert.Equal("no", error.Error.GetText());
            Assert.Contains("MathTasks", error.Traceback, StringComparison.Ordinal);
        }

        Assert.Equal(2, host.Enqueued.Count);
    }

    [Fact]
    public async Task Chain_FailureBeforeAChord_FailsItsPartsAndBody()
    {
        await using TaskTestHost host = Host();
        CanvasHandle last = await host.Client.ApplyAsync(
            Essaim.Canvas.Chain(Fail("no"), Essaim.Canvas.Group(Add(3), Mul(3)), Sum(), Mul(2)), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<TaskFailedException>(() => last.GetAsync<int>());
        await Assert.ThrowsAsync<TaskFailedException>(() => last.Parent!.GetAsync<int>());
        await Assert.ThrowsAsync<TaskFailedException>(() => last.Parent!.Parent!.GetAsync<int[]>());
    }

    [Fact]
    public async Task Chord_FailedPart_FailsTheBodyAndWhatFollowsIt()
    {
        await using TaskTestHost host = Host();
        CanvasHandle last = await host.Client.ApplyAsync(
            Essaim.Canvas.Chain(Essaim.Canvas.Chord([Add(1, 1), Fail("no")], Sum()), Mul(10), Add(1)), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        foreach (CanvasHandle step in (CanvasHandle[])[last, last.Parent!, last.Parent!.Parent!])
        {
            TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => step.GetAsync<int>());
            Assert.Equal("ChordError", error.Error.Type);
            Assert.EndsWith(" raised InvalidOperationException('no')", error.Error.GetText(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Chord_FailedPartOfTheInner_FailsTheOuterBodyToo()
    {
        await using TaskTestHost host = Host();
        CanvasHandle body = await host.Client.ApplyAsync(
            Essaim.Canvas.Chord([Essaim.Canvas.Chain(Essaim.Canvas.Chord([Add(1, 1), Fail("deep")], Sum()), Mul(2)), Add(5, 5)], Sum()),
            cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => body.GetAsync<int>());
        Assert.Equal("ChordError", error.Error.Type);
        Assert.Contains("deep", error.Error.GetText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chord_FailedChainInItsHeader_FailsTheBody()
    {
        await using TaskTestHost host = Host();

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(
            () => host.RunAsync<int>(Essaim.Canvas.Chord([Essaim.Canvas.Chain(Fail("early"), Mul(2), Mul(3)), Add(1, 1)], Sum())));
        Assert.EndsWith(" raised InvalidOperationException('early')", error.Error.GetText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chord_WithGroupBody_FailsItsMembers()
    {
        await using TaskTestHost host = Host();

        await Assert.ThrowsAsync<TaskFailedException>(
            () => host.RunAsync<int[]>(Essaim.Canvas.Chord([Add(1, 1), Fail("no")], Essaim.Canvas.Group(Sum(), Sum()))));
    }

    [Fact]
    public async Task Chain_RevokedBeforeItRuns_RevokesEveryStep()
    {
        await using TaskTestHost host = Host();
        CanvasHandle last = await host.Client.ApplyAsync(Essaim.Canvas.Chain(Add(1, 2), Mul(10)), cancellationToken: TestContext.Current.CancellationToken);

        await host.Client.RevokeAsync([last.Parent!.Id], cancellationToken: TestContext.Current.CancellationToken);

        TaskRevokedException error = await Assert.ThrowsAsync<TaskRevokedException>(() => last.GetAsync<int>());
        Assert.Equal("ESS1202", error.Code);
        Assert.Equal($"Task {last.Id} was revoked before it could end. Send it again if it is still wanted.", error.Message);
        Assert.Equal(0, await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Chord_RevokedPart_FailsTheBody()
    {
        await using TaskTestHost host = Host();
        CanvasHandle body = await host.Client.ApplyAsync(Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Sum()), cancellationToken: TestContext.Current.CancellationToken);
        string part = ((GroupHandle)body.Parent!).Members[1].Id;

        await host.Client.RevokeAsync([part], cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => body.GetAsync<int>());
        Assert.Equal($"Dependency {part} raised TaskRevokedError('revoked')", error.Error.GetText());
    }

    [Fact]
    public async Task Chord_ExpiredPart_FailsTheBody()
    {
        await using TaskTestHost host = Host();
        Signature expiring = TaskSignature.Of("tasks.add", [2, 2], options: new EnqueueOptions { TaskId = "late", ExpiresIn = TimeSpan.FromSeconds(10) });
        CanvasHandle body = await host.Client.ApplyAsync(Essaim.Canvas.Chord([Add(1, 1), expiring], Sum()), cancellationToken: TestContext.Current.CancellationToken);

        host.Time.Advance(TimeSpan.FromSeconds(11));
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => body.GetAsync<int>());
        Assert.Equal("Dependency late raised TaskRevokedError('expired')", error.Error.GetText());
    }

    [Fact]
    public async Task Callback_AfterSuccess_GetsTheResult_AndErrbackDoesNotRun()
    {
        await using TaskTestHost host = Host();
        await host.RunAsync<int>(Add(2, 2).OnSuccess(Mul(3)).OnError(OnError()));

        Assert.Equal(["tasks.add", "tasks.mul"], host.Enqueued.Select(task => task.Name));
        Assert.Equal("[4,3]", host.Enqueued[1].Body.Args.ToString());
        Assert.Null(host.Enqueued[1].Message.GroupId);
    }

    [Fact]
    public async Task Callbacks_Several_AreSentAsAGroup()
    {
        await using TaskTestHost host = Host();
        TaskHandle handle = (TaskHandle)await host.Client.ApplyAsync(
            Add(2, 2).OnSuccess(Mul(3)).OnSuccess(Add(1)), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        string group = Assert.IsType<string>(host.Enqueued[1].Message.GroupId);
        Assert.Equal(group, host.Enqueued[2].Message.GroupId);
        ResultDocument stored = (await handle.GetDocumentAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(
            $"[[[\"{group}\",null],[[[\"{host.Enqueued[1].Id}\",null],null],[[\"{host.Enqueued[2].Id}\",null],null]]]]", stored.Children.ToString());
    }

    [Fact]
    public async Task Errback_AfterFailure_GetsTheFailedId()
    {
        await using TaskTestHost host = Host();
        TaskHandle handle = (TaskHandle)await host.Client.ApplyAsync(
            Fail().OnError(OnError()).OnSuccess(Add(1)), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        EnqueuedTask errback = host.Enqueued[1];
        Assert.Equal(2, host.Enqueued.Count);
        Assert.Equal("tasks.onerr", errback.Name);
        Assert.Equal($"[\"{handle.Id}\"]", errback.Body.Args.ToString());
        Assert.Equal((handle.Id, handle.Id), (errback.Message.ParentId, errback.Message.RootId));
    }

    [Fact]
    public async Task Chain_Errback_RunsOnce_ForTheStepThatFailed()
    {
        await using TaskTestHost host = Host();
        CanvasHandle last = await host.Client.ApplyAsync(
            Essaim.Canvas.Chain(Add(1, 2), Fail(), Mul(2)).OnError(OnError()), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        EnqueuedTask errback = Assert.Single(host.Enqueued, task => task.Name == "tasks.onerr");
        Assert.Equal($"[\"{last.Parent!.Id}\"]", errback.Body.Args.ToString());
    }
}
