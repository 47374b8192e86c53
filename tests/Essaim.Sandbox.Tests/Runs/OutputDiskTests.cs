namespace Essaim.Sandbox.Tests;

/// <summary>Output folders as disks of their own: full is full, and nothing stays mounted whoever is killed.</summary>
public sealed class OutputDiskTests(SandboxFixture sandbox)
{
    private const int Limit = 8 << 20;

    private const string Writer = """
        def main():
            written = 0
            try:
                for name in range(100):
                    with open(f"file{name}", "wb", buffering=0) as file:
                        for _ in range(16):
                            written += file.write(bytes(64 << 10))
            except OSError as error:
                return {"errno": error.errno, "written": written}
        """;

    private SandboxOptions Options => sandbox.Executor.Options with { DiskImages = true };

    [Fact]
    public async Task Writer_AtTheLimit_GetsENOSPC()
    {
        SkipWithoutRights();
        BubblewrapExecutor executor = BubblewrapExecutor.Open(Options, TimeProvider.System);

        Outcome caught = await executor.RunAsync(Request(Writer));
        Outcome failed = await executor.RunAsync(Request("for name in range(100): open(str(name), 'wb').write(bytes(1 << 20))"));
        Outcome files = await executor.RunAsync(Request("import os\nos.nice(1)\nfor name in range(600): open(str(name), 'w').close()") with { Limits = new RunLimits { Output = Limit, OutputFiles = 100 } });

        Assert.Equal(EndReason.Ok, caught.End.Reason);
        Assert.Equal(28, caught.End.Result!.Value.GetProperty("errno").GetInt32());
        // The result's own file was written after it: the interpreter's last 64 KiB did not fit, a small file does not either unless there is room.
        Assert.InRange(caught.End.Result.Value.GetProperty("written").GetInt64(), Limit * 95 / 100, Limit);
        Assert.Equal((EndReason.Disk, "The run filled its output folder to its limit of 8 MiB or 10000 files. Give it more (--output-limit, --output-files), or write less."), (failed.End.Reason, failed.End.Message));
        Assert.Equal(EndReason.Disk, files.End.Reason);
        Assert.NotEmpty(failed.End.Artifacts);
    }

    [Fact]
    public async Task Proof_WithDisks_IsHard()
    {
        SkipWithoutRights();
        ExecutorProof proof = await BubblewrapExecutor.Open(Options, TimeProvider.System).ProveAsync(TestContext.Current.CancellationToken);

        Assert.True(proof.Holds, string.Join(' ', proof.Missing));
        Assert.DoesNotContain("output", proof.Soft);
    }

    [Fact]
    public async Task Mount_OfARunWhoseShimWasKilled_GoesWithItsRemoval()
    {
        SkipWithoutRights();
        BubblewrapExecutor executor = BubblewrapExecutor.Open(Options, TimeProvider.System);
        ISandboxRun run = await executor.StartReadyAsync("import time\nopen('kept', 'w').write('x')\nprint('ready')\ntime.sleep(3600)");
        Assert.Contains(run.Id, await File.ReadAllTextAsync("/proc/self/mountinfo", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        Posix.Kill(((HeldRun)run).ShimProcess, Posix.SigKill);
        Assert.Equal(EndReason.Lost, (await run.WaitAsync(TestContext.Current.CancellationToken)).Reason);
        // Somebody else, a day later.
        Directory.SetLastWriteTimeUtc(((HeldRun)run).RunFolder, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));
        await new RunSweeper(executor).SweepAsync(TestContext.Current.CancellationToken);

        await Runs.AssertGoneAsync(executor, run.Id);
    }

    private static RunRequest Request(string source) => Runs.Request(source) with { Limits = new RunLimits { Output = Limit, Time = TimeSpan.FromSeconds(60) } };

    private static void SkipWithoutRights() => Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/dev/loop-control"), "Only root can mount, where there are loop devices.");
}
