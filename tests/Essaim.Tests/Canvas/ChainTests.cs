using Essaim.Protocol;
using Essaim.Testing;
using static Essaim.Tests.Canvas.MathTasks;

namespace Essaim.Tests.Canvas;

public sealed class ChainTests
{
    [Fact]
    public async Task Chain_OfThree_PassesResultsOn()
    {
        await using TaskTestHost host = Host();

        Assert.Equal(35, await host.RunAsync<int>(Essaim.Canvas.Chain(Add(1, 2), Mul(10), Add(5))));
    }

    [Fact]
    public async Task Chain_ImmutableStep_TakesNoResult()
    {
        await using TaskTestHost host = Host();

        Assert.Equal(7, await host.RunAsync<int>(Essaim.Canvas.Chain(Add(1, 2), Add(3, 4).AsImmutable())));
    }

    [Fact]
    public async Task Chain_Handle_HasTheStepsBeforeItAsParents()
    {
        await using TaskTestHost host = Host();
        CanvasHandle last = await host.Client.ApplyAsync(Essaim.Canvas.Chain(Add(1, 2), Mul(10), Add(5)), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        Assert.Equal(35, await last.GetAsync<int>());
        Assert.Equal(30, await last.Parent!.GetAsync<int>());
        Assert.Equal(3, await last.Parent!.Parent!.GetAsync<int>());
        Assert.Null(last.Parent!.Parent!.Parent);
    }

    [Fact]
    public async Task Chain_Steps_CarryRootAndParent()
    {
        await using TaskTestHost host = Host();
        CanvasHandle last = await host.Client.ApplyAsync(Essaim.Canvas.Chain(Add(1, 2), Mul(10), Add(5)), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        string first = last.Parent!.Parent!.Id;
        Assert.Equal([first, first, first], host.Enqueued.Select(task => task.Message.RootId));
        Assert.Equal([null, first, last.Parent!.Id], host.Enqueued.Select(task => task.Message.ParentId));
    }

    [Fact]
    public async Task Chain_StoredResult_NamesTheNextStepAsChild()
    {
        await using TaskTestHost host = Host();
        CanvasHandle last = await host.Client.ApplyAsync(Essaim.Canvas.Chain(Add(1, 2), Mul(10)), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        ResultDocument first = (await ((TaskHandle)last.Parent!).GetDocumentAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal($"[[[\"{last.Id}\",null],null]]", first.Children.ToString());
    }

    [Fact]
    public async Task Chain_OfChains_RunsFlat()
    {
        await using TaskTestHost host = Host();

        Assert.Equal(18, await host.RunAsync<int>(
            Essaim.Canvas.Chain(Essaim.Canvas.Chain(Add(1, 2), Mul(2)), Essaim.Canvas.Chain(Add(0), Essaim.Canvas.Chain(Mul(3))))));
        Assert.Equal(4, host.Enqueued.Count);
    }

    [Fact]
    public async Task Chain_OptionsForAll_GoToEveryStepWithoutItsOwn()
    {
        await using TaskTestHost host = Host();
        Signature own = TaskSignature.Of("tasks.mul", [10], options: new EnqueueOptions { Queue = "mine" });

        Assert.Equal(35, await host.RunAsync<int>(
            Essaim.Canvas.Chain(Add(1, 2), own, Add(5)),
            new EnqueueOptions { TaskId = "the-end", Queue = "all", Priority = 3, Link = [Mul(2)] }));

        Assert.Equal(["all", "mine", "all", "celery"], host.Enqueued.Select(task => task.Queue));
        Assert.Equal([3, 3, 3, 0], host.Enqueued.Select(task => task.Priority));
        Assert.Equal("the-end", host.Enqueued[2].Id);
        Assert.Equal("the-end", host.Enqueued[3].Message.ParentId);
    }

    [Fact]
    public async Task Chain_Countdown_DelaysTheFirstStepOnly()
    {
        await using TaskTestHost host = Host();
        CanvasHandle last = await host.Client.ApplyAsync(
            Essaim.Canvas.Chain(Add(1, 2), Mul(10)), new EnqueueOptions { Countdown = TimeSpan.FromSeconds(30) }, TestContext.Current.CancellationToken);

        Assert.Equal(0, await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken));
        host.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(2, await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken));
        Assert.Equal(30, await last.GetAsync<int>());
    }

    [Fact]
    public void Chain_WithoutSteps_IsRefused()
    {
        CanvasException error = Assert.Throws<CanvasException>(() => Essaim.Canvas.Chain());

        Assert.Equal("ESS1205", error.Code);
        Assert.Equal("A chain without steps cannot run. Give it at least one.", error.Message);
    }
}
