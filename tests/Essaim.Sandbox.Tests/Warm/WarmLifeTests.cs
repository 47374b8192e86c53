using System.Text.Json;

namespace Essaim.Sandbox.Tests;

/// <summary>What becomes of slots when nobody comes, or who came dies.</summary>
public sealed class WarmLifeTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Slot_NobodyTakes_EndsByItselfAndLeavesNothing()
    {
        await using OwnFolder own = OwnFolder.Create(sandbox);
        WarmPool pool = new(own.Executor) { Waits = TimeSpan.FromMilliseconds(300) };

        await pool.FillAsync(WarmEnvironment.Plain, () => 1, TestContext.Current.CancellationToken);

        await own.UntilGoneAsync();
    }

    [Fact]
    public async Task Taker_KilledBeforeItIsARun_LosesNothingAndLeavesNothing()
    {
        await using OwnFolder own = OwnFolder.Create(sandbox);
        WarmPool pool = new(own.Executor) { TakersTime = TimeSpan.FromMilliseconds(300) };
        RunRequest request = Runs.Request("print('once')");
        await pool.FillAsync(WarmEnvironment.Plain, () => 1, TestContext.Current.CancellationToken);

        // As far as it came: it has the slot, and all of the run is in it.
        Prepare(own.Executor, Take(pool), request);

        Assert.Null(own.Executor.Find(request.Id));
        await own.UntilGoneAsync();
        Outcome again = await own.Executor.RunAsync(request);
        Assert.Equal((EndReason.Ok, "once\n"), (again.End.Reason, again.Out));
    }

    [Fact]
    public async Task Taker_KilledWhenItIsARun_IsFoundByTheNext()
    {
        await using OwnFolder own = OwnFolder.Create(sandbox);
        WarmPool pool = new(own.Executor);
        RunRequest request = Runs.Request("print('once')");
        await pool.FillAsync(WarmEnvironment.Plain, () => 1, TestContext.Current.CancellationToken);

        // It did not come to say so to the shim.
        RunFolder taken = Take(pool);
        Prepare(own.Executor, taken, request);
        Directory.Move(taken.Path, Path.Combine(own.Executor.RunsFolder, request.Id));

        ISandboxRun found = BubblewrapExecutor.Open(own.Executor.Options, TimeProvider.System).Find(request.Id)!;
        Outcome outcome = await Runs.LookAfterAsync(own.Executor, found);
        Assert.Equal((EndReason.Ok, "once\n"), (outcome.End.Reason, outcome.Out));
        await own.UntilGoneAsync();
    }

    [Fact]
    public async Task Run_BegunWarm_IsCancelledAsAnyOther()
    {
        ISandboxRun run = await sandbox.Executor.StartWarmAsync(Runs.Request("import time\ntime.sleep(3600)"));

        run.Cancel();
        Outcome outcome = await Runs.LookAfterAsync(sandbox.Executor, run);

        Assert.Equal(EndReason.Cancelled, outcome.End.Reason);
    }

    [Fact]
    public async Task Sweep_OfSlotsWithoutAShim_RemovesThemAndNoOthers()
    {
        await using OwnFolder own = OwnFolder.Create(sandbox);
        WarmPool pool = new(own.Executor);
        await pool.FillAsync(WarmEnvironment.Plain, () => 2, TestContext.Current.CancellationToken);
        RunFolder[] slots = [.. Directory.GetDirectories(pool.FolderOf(WarmEnvironment.Plain)).Select(path => new RunFolder(path))];
        Posix.Kill(slots[0].ShimProcess, Posix.SigKill);
        await OwnFolder.UntilAsync(() => !slots[0].IsHeld);
        foreach (RunFolder slot in slots)
            Directory.SetLastWriteTimeUtc(slot.Path, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1));

        await new RunSweeper(own.Executor).SweepAsync(TestContext.Current.CancellationToken);

        Assert.Equal([slots[1].Path], Directory.GetDirectories(pool.FolderOf(WarmEnvironment.Plain)));
        Assert.Equal(own.Executor.Groups.Parents.Count > 0 ? [slots[1].Id] : [], own.Executor.Groups.Ids());
        Assert.Equal(1, pool.Ready(WarmEnvironment.Plain));
    }

    [Fact]
    public async Task Sweep_WhileSlotsAreTaken_LeavesTheirRunsAlone()
    {
        await using OwnFolder own = OwnFolder.Create(sandbox);
        WarmPool pool = new(own.Executor);
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task[] sweepers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
                await new RunSweeper(own.Executor).SweepAsync(TestContext.Current.CancellationToken);
        }))];
        List<EndReason> ends = [];
        for (int i = 0; i < 20; i++)
        {
            await pool.FillAsync(WarmEnvironment.Plain, () => 1, TestContext.Current.CancellationToken);
            ISandboxRun run;
            while ((run = pool.TryTake(WarmEnvironment.Plain, Runs.Request("import time\ntime.sleep(0.05)"))!) is null)
                await Task.Yield();
            ends.Add((await run.WaitAsync(TestContext.Current.CancellationToken)).Reason);
            await run.RemoveAsync(CancellationToken.None);
        }

        await done.CancelAsync();
        await Task.WhenAll(sweepers);
        Assert.All(ends, end => Assert.Equal(EndReason.Ok, end));
    }

    [Fact]
    public async Task Sweep_WhileARunBegunWarmHasEnded_LeavesItsCounts()
    {
        ISandboxRun run = await sandbox.Executor.StartWarmAsync(Runs.Request("kept = []\nwhile True:\n    kept.append(bytearray(8 << 20))") with { Limits = new RunLimits { Memory = 128 << 20 } });
        await ((HeldRun)run).WaitForShimAsync(TestContext.Current.CancellationToken);

        await new RunSweeper(sandbox.Executor).SweepAsync(TestContext.Current.CancellationToken);

        Outcome outcome = await Runs.LookAfterAsync(sandbox.Executor, run);
        Assert.Contains(outcome.End.Reason, sandbox.Executor.Groups.HoldsMemory ? (EndReason[])[EndReason.Oom] : [EndReason.Oom, EndReason.Error]);
    }

    [Fact]
    public async Task Fill_WhereNoSlotCanBeMade_SaysWhyAndWaits()
    {
        await using OwnFolder own = OwnFolder.Create(sandbox, "/usr/bin/false");
        WarmPool pool = new(own.Executor);

        SandboxException refused = await Assert.ThrowsAsync<SandboxException>(() => pool.FillAsync(WarmEnvironment.Plain, () => 1, TestContext.Current.CancellationToken));

        Assert.Equal(("ESS6052", "A warm sandbox of python ended before it was ready, so runs start cold: it did not say why."), (refused.Code, refused.Message));
        Assert.True(pool.HasFailedLately(WarmEnvironment.Plain));
        await own.UntilGoneAsync();
    }

    private static RunFolder Take(WarmPool pool)
    {
        string slot = Assert.Single(Directory.GetDirectories(pool.FolderOf(WarmEnvironment.Plain)));
        Directory.Move(slot, slot + ".taken");
        return new RunFolder(slot + ".taken");
    }

    private static void Prepare(BubblewrapExecutor executor, RunFolder taken, RunRequest request)
    {
        RunGroup group = executor.Groups.Reopen(taken.Id.Split('.')[0]);
        taken.Prepare(request, new RunFacts(request.SourceName, request.Limits, group.Folders, group.Second, TimeProvider.System.GetUtcNow()));
        string words = JsonSerializer.Serialize(BubblewrapCommand.Words(request, executor.LimitsProcessesInside));
        taken.Write("go", executor.LimitsOf(request).Add("word", words + "\n").Encode());
    }
}
