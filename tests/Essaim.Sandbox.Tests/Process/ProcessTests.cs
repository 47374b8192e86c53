namespace Essaim.Sandbox.Tests;

/// <summary>How runs without walls end: the same.</summary>
public sealed class ProcessEndTests(SandboxFixture sandbox) : EndSuite
{
    internal override IHeldExecutor Executor { get; } = ProcessExecutor.Open(sandbox.Executor.Options, TimeProvider.System);
}

/// <summary>Without walls there are limits still, and an end of all that was started.</summary>
public sealed class ProcessTests(SandboxFixture sandbox)
{
    // Two that left their session and their parent, and one that refuses to go.
    private const string Scattered = """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for _ in range(2):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(3600)
                os._exit(0)
        print("ready")
        time.sleep(3600)
        """;

    private ProcessExecutor Executor { get; } = ProcessExecutor.Open(sandbox.Executor.Options, TimeProvider.System);

    [Fact]
    public async Task Cancel_OfAScatteredRun_EndsAllOfIt()
    {
        ISandboxRun run = await Executor.StartReadyAsync(Scattered);

        run.Cancel();
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(EndReason.Cancelled, end.Reason);
        Assert.DoesNotContain(Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(folder[^1])), folder => GroupFile.Read(Path.Combine(folder, "environ")).Contains(run.Id, StringComparison.Ordinal));
        await run.RemoveAsync(CancellationToken.None);
        await Runs.AssertGoneAsync(Executor, run.Id);
    }

    [Fact]
    public async Task Limits_AreKept()
    {
        Outcome[] outcomes = await Task.WhenAll(
            Executor.RunAsync(Runs.Request("import time\ntime.sleep(60)") with { Limits = new RunLimits { Time = TimeSpan.FromMilliseconds(700), Grace = TimeSpan.Zero } }),
            Executor.RunAsync(Runs.Request("kept = []\nwhile True: kept.append(bytearray(8 << 20))") with { Limits = new RunLimits { Memory = 128 << 20 } }),
            Executor.RunAsync(Runs.Request("import pathlib, essaim\nprint(open(pathlib.Path('/') / essaim.__dict__['_out'][1:] / '../in/params.json').read())")));

        Assert.Equal(EndReason.Timeout, outcomes[0].End.Reason);
        Assert.True(outcomes[1].End.Reason == EndReason.Oom || outcomes[1].End.Error?.Type == "MemoryError", outcomes[1].End.Message);
        Assert.Equal("{}\n", outcomes[2].Out);
    }

    [Fact]
    public async Task Inputs_GivenAsFiles_AreFoundInItsFolder()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "mesh", TestContext.Current.CancellationToken);
        RunRequest request = Runs.Request("import pathlib\ndef main(mesh: pathlib.Path):\n    return mesh.read_text()") with
        {
            Files = [new InputFile("mesh.inp", file)],
            Texts = new Dictionary<string, string> { ["mesh"] = "mesh.inp" },
        };

        Outcome outcome = await Executor.RunAsync(request);

        Assert.Equal((EndReason.Ok, "mesh"), (outcome.End.Reason, outcome.End.Result?.GetString()));
        File.Delete(file);
    }

    [Fact]
    public async Task Proof_SaysThatNothingIsLockedIn()
    {
        ExecutorProof proof = await Executor.ProveAsync(TestContext.Current.CancellationToken);

        Assert.True(proof.Holds);
        Assert.Contains("walls", proof.Soft);
        Assert.Equal("Its programs are locked in by nothing: they see this machine's files, its network and other programs. It is for code you would run yourself.", proof.Advice);
    }
}
