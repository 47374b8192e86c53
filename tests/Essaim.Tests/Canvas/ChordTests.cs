using Essaim.Protocol;
using Essaim.Testing;
using static Essaim.Tests.Canvas.MathTasks;

namespace Essaim.Tests.Canvas;

public sealed class ChordTests
{
    [Fact]
    public async Task Chord_Body_GetsTheListOfResults()
    {
        await using TaskTestHost host = Host();

        Assert.Equal(12, await host.RunAsync<int>(Essaim.Canvas.Chord([Add(1, 1), Add(2, 2), Add(3, 3)], Sum())));
    }

    [Fact]
    public async Task Chord_Results_KeepTheOrderOfTheHeader()
    {
        await using TaskTestHost host = Host();
        Signature late = TaskSignature.Of("tasks.add", [1, 1], options: new EnqueueOptions { Countdown = TimeSpan.FromSeconds(5) });
        CanvasHandle body = await host.Client.ApplyAsync(
            Essaim.Canvas.Chord([late, Add(2, 2)], Identity()), cancellationToken: TestContext.Current.CancellationToken);

        await host.Worker.RunForAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        Assert.Equal((int[])[2, 4], await body.GetAsync<int[]>());
    }

    [Fact]
    public async Task Chord_OfOne_StillGetsAList()
    {
        await using TaskTestHost host = Host();

        Assert.Equal(2, await host.RunAsync<int>(Essaim.Canvas.Chord([Add(1, 1)], Sum())));
    }

    [Fact]
    public async Task Chord_OfNone_RunsTheBodyWithAnEmptyList()
    {
        await using TaskTestHost host = Host();

        Assert.Equal(0, await host.RunAsync<int>(Essaim.Canvas.Chord([], Sum())));
    }

    [Fact]
    public async Task Chord_ImmutableBody_GetsNoResults()
    {
        await using TaskTestHost host = Host();

        Assert.Equal(9, await host.RunAsync<int>(Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Add(4, 5).AsImmutable())));
    }

    [Fact]
    public async Task Chord_BodyWithArguments_GetsThemAfterTheResults()
    {
        await using TaskTestHost host = Host(services => services.AddTask("tasks.scaled", (int[] numbers, int factor) => numbers.Sum() * factor));

        Assert.Equal(60, await host.RunAsync<int>(Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], TaskSignature.Of("tasks.scaled", [10]))));
    }

    [Fact]
    public async Task Chord_Handle_HasTheHeaderAsParent()
    {
        await using TaskTestHost host = Host();
        CanvasHandle body = await host.Client.ApplyAsync(Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], Sum()), cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        GroupHandle header = Assert.IsType<GroupHandle>(body.Parent);
        Assert.Equal((int[])[2, 4], await header.GetAsync<int[]>());
        Assert.Equal(6, await body.GetAsync<int>());
    }

    [Fact]
    public async Task Chord_IgnoredResults_StillCount()
    {
        await using TaskTestHost host = Host();
        Signature silent = TaskSignature.Of("tasks.add", [2, 2], options: new EnqueueOptions { TaskId = "silent", IgnoreResult = true });

        Assert.Equal(6, await host.RunAsync<int>(Essaim.Canvas.Chord([Add(1, 1), silent], Sum())));
        Assert.Null(await host.Backend.Results.GetAsync("silent", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Chord_RetriedPart_CountsOnce()
    {
        int runs = 0;
        await using TaskTestHost host = Host(services => services.AddTask(
            "tasks.flaky", () => ++runs < 3 ? throw new TimeoutException("not yet") : 40, task => task.RetryPolicy = new RetryPolicy()));
        CanvasHandle body = await host.Client.ApplyAsync(
            Essaim.Canvas.Chord([TaskSignature.Of("tasks.flaky"), Add(1, 1)], Sum()), cancellationToken: TestContext.Current.CancellationToken);

        await host.Worker.RunForAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(42, await body.GetAsync<int>());
        Assert.Equal(3, runs);
    }

    [Fact]
    public async Task Chord_Body_RunsInItsOwnQueueAndPriority()
    {
        await using TaskTestHost host = Host();
        CanvasHandle body = await host.Client.ApplyAsync(
            Essaim.Canvas.Chord([Add(1, 1), Add(2, 2)], TaskSignature.Of("tasks.tsum", options: new EnqueueOptions { Queue = "sums", Priority = 6 })),
            cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        Assert.Equal("sums", (await ((TaskHandle)body).GetDocumentAsync(TestContext.Current.CancellationToken))!.Queue);
    }

    [Fact]
    public async Task Chord_WithoutBody_IsRefused()
    {
        await using TaskTestHost host = Host();
        Signature broken = Signature.ChordOf([Add(1, 1)], Sum()) with { Kwargs = RawJson.Parse("""{"header": [], "kwargs": {}}""") };

        CanvasException error = await Assert.ThrowsAsync<CanvasException>(() => host.Client.ApplyAsync(broken, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("A chord without a body cannot run. Give it one, or send its header as a group.", error.Message);
    }
}
