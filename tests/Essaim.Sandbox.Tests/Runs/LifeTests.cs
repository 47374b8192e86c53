namespace Essaim.Sandbox.Tests;

public sealed class LifeTests(SandboxFixture sandbox)
{
    private const string Checkpoint = """
        import signal, sys, time
        def save(*_):
            with open("checkpoint", "w") as file:
                file.write("step 7")
            print("saved")
            sys.exit(0)
        signal.signal(signal.SIGTERM, save)
        print("ready")
        time.sleep(3600)
        """;

    [Fact]
    public async Task Cancel_WithGrace_LetsItSave()
    {
        ISandboxRun run = await StartReadyAsync(Checkpoint);

        run.Cancel();
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((EndReason.Cancelled, 0, "checkpoint"), (end.Reason, end.ExitCode, Assert.Single(end.Artifacts).Path));
        await run.RemoveAsync(CancellationToken.None);
        await Runs.AssertGoneAsync(sandbox.Executor, run.Id);
    }

    [Fact]
    public async Task Cancel_Refused_IsEndedAfterTheGrace()
    {
        ISandboxRun run = await StartReadyAsync("import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready')\nwhile True: time.sleep(60)");

        run.Cancel();
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((EndReason.Cancelled, (int?)null), (end.Reason, end.ExitCode));
        await run.RemoveAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Kill_AtOnce_WaitsForNobody()
    {
        ISandboxRun run = await StartReadyAsync(Checkpoint);

        run.Kill();
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(EndReason.Cancelled, end.Reason);
        Assert.Empty(end.Artifacts);
        await run.RemoveAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Find_ByAnotherWorker_GoesOnAndCollects()
    {
        ISandboxRun run = await StartReadyAsync("import time\nprint('ready')\nwhile not __import__('os').path.exists('/in/go'): time.sleep(0.02)\nopen('kept', 'w').write('x')\nprint('done')");
        BubblewrapExecutor other = BubblewrapExecutor.Open(sandbox.Executor.Options, TimeProvider.System);

        ISandboxRun found = other.Find(run.Id)!;
        File.WriteAllText(Path.Combine(((HeldRun)found).RunFolder, "in", "go"), "");
        Outcome outcome = await Runs.FollowAsync(found);

        Assert.Equal((EndReason.Ok, "ready\ndone\n"), (outcome.End.Reason, outcome.Out));
        Assert.Equal("kept", Assert.Single(outcome.End.Artifacts).Path);
        await found.RemoveAsync(CancellationToken.None);
        Assert.Null(other.Find(run.Id));
        await Runs.AssertGoneAsync(other, run.Id);
    }

    [Fact]
    public async Task Shim_Killed_TakesTheRunWithItAndItIsLost()
    {
        ISandboxRun run = await StartReadyAsync("import time\nprint('ready')\ntime.sleep(3600)");

        Posix.Kill(((HeldRun)run).ShimProcess, Posix.SigKill);
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((EndReason.Lost, "The process that held the run is gone, and the run with it. Run it again."), (end.Reason, end.Message));
        await run.RemoveAsync(CancellationToken.None);
        await Runs.AssertGoneAsync(sandbox.Executor, run.Id);
    }

    [Fact]
    public async Task Shim_ToldToStop_EndsTheRunAsLost()
    {
        ISandboxRun run = await StartReadyAsync(Checkpoint);

        Posix.Kill(((HeldRun)run).ShimProcess, 15);
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((EndReason.Lost, "The run was ended because its machine stops. Run it again."), (end.Reason, end.Message));
        Assert.Equal("checkpoint", Assert.Single(end.Artifacts).Path);
        await run.RemoveAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Run_NobodyKeeps_EndsAsLostAndOneThatIsKeptGoesOn()
    {
        const string short_ = "import time\ntime.sleep(1.5)\nprint('done')";
        RunRequest request = Runs.Request(short_) with { Patience = TimeSpan.FromMilliseconds(400) };
        ISandboxRun left = await sandbox.Executor.StartAsync(request, TestContext.Current.CancellationToken);
        ISandboxRun kept = await sandbox.Executor.StartAsync(request with { Id = Guid.NewGuid().ToString("N"), Patience = TimeSpan.FromSeconds(20) }, TestContext.Current.CancellationToken);
        kept.Keep();

        RunEnd[] ends = await Task.WhenAll(left.WaitAsync(TestContext.Current.CancellationToken), kept.WaitAsync(TestContext.Current.CancellationToken));

        Assert.Equal((EndReason.Lost, "The run was ended because nobody came back for it. Run it again."), (ends[0].Reason, ends[0].Message));
        Assert.Equal(EndReason.Ok, ends[1].Reason);
        await left.RemoveAsync(CancellationToken.None);
        await kept.RemoveAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Runs_ManyAtOnce_AllEndAndHaveUsersOfTheirOwn()
    {
        Outcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 24).Select(n => sandbox.Executor.RunAsync($"import os\nprint({n}, os.stat('/out').st_ino)")));

        Assert.All(outcomes, outcome => Assert.Equal(EndReason.Ok, outcome.End.Reason));
        Assert.Equal(Enumerable.Range(0, 24), outcomes.Select(outcome => int.Parse(outcome.Out.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Sweep_RunsNobodyCameBackFor_AreRemoved()
    {
        string folder = Path.Combine(Path.GetTempPath(), "essaim-sweep-" + Guid.NewGuid().ToString("N"));
        _ = sandbox.Executor;
        BubblewrapExecutor executor = BubblewrapExecutor.Open(new SandboxOptions { Folder = folder }, TimeProvider.System);
        ISandboxRun old = await executor.StartAsync(Runs.Request("open('x', 'w')"), TestContext.Current.CancellationToken);
        ISandboxRun running = await executor.StartAsync(Runs.Request("import time\ntime.sleep(3600)"), TestContext.Current.CancellationToken);
        await old.WaitAsync(TestContext.Current.CancellationToken);
        foreach (ISandboxRun run in new[] { old, running })
            Directory.SetLastWriteTimeUtc(((HeldRun)run).RunFolder, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));

        int removed = await new RunSweeper(executor).SweepAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, removed);
        await Runs.AssertGoneAsync(executor, old.Id);
        Assert.NotNull(executor.Find(running.Id));
        await running.RemoveAsync(CancellationToken.None);
        Directory.Delete(folder, recursive: true);
    }

    private Task<ISandboxRun> StartReadyAsync(string source) => sandbox.Executor.StartReadyAsync(source);
}
