namespace Essaim.Sandbox.Tests;

public sealed class WarmExecutorTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Start_OneAfterTheOther_IsColdOnceAndThenWarm()
    {
        await using OwnFolder own = OwnFolder.Create(sandbox);
        WarmExecutor executor = new(own.Executor, WarmPlan.TryParse("python=1")!);
        Assert.Equal(0, executor.Pool.Ready(WarmEnvironment.Plain));
        List<bool> warm = [];

        for (int i = 0; i < 3; i++)
        {
            ISandboxRun run = await executor.StartAsync(Runs.Request($"print({i})"), TestContext.Current.CancellationToken);
            warm.Add(File.Exists(Path.Combine(((BubblewrapRun)run).RunFolder, "ready")));
            Outcome outcome = await Runs.LookAfterAsync(own.Executor, run);
            Assert.Equal((EndReason.Ok, $"{i}\n"), (outcome.End.Reason, outcome.Out));
            await executor.Filling;
            Assert.Equal(1, executor.Pool.Ready(WarmEnvironment.Plain));
        }

        Assert.Equal([false, true, true], warm);
        Assert.Equal(0, executor.Pool.Ready(WarmEnvironment.Science));
    }

    [Theory]
    [InlineData("off")]
    [InlineData("python-sci=1")]
    public async Task Start_WithoutAPlaceForIt_KeepsNothing(string plan)
    {
        await using OwnFolder own = OwnFolder.Create(sandbox);
        WarmExecutor executor = new(own.Executor, WarmPlan.TryParse(plan)!);

        await Runs.LookAfterAsync(own.Executor, await executor.StartAsync(Runs.Request("pass"), TestContext.Current.CancellationToken));
        await executor.Filling;

        Assert.Equal(0, executor.Pool.Ready(WarmEnvironment.Plain));
    }
}
