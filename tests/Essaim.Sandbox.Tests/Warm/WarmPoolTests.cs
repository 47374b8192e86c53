using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Essaim.Sandbox.Tests;

/// <summary>Slots: taken by one, in the limits of that one, and gone afterwards, whoever died on the way.</summary>
public sealed class WarmPoolTests(SandboxFixture sandbox)
{
    private const string Draws = "import os\nimport numpy\n\ndef main():\n    return [numpy.random.random(4).tolist(), hash('essaim'), os.getuid()]";

    [Fact]
    public async Task Take_OfSlotsThatWait_GivesEachRunItsOwnChanceAndUser()
    {
        Outcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ => await Runs.LookAfterAsync(sandbox.Executor, await sandbox.Executor.StartWarmAsync(Runs.Request(Draws)))));

        Assert.All(outcomes, outcome => Assert.True(outcome.End.Reason == EndReason.Ok, outcome.End.Message + outcome.Log));
        Assert.Equal(3, outcomes.Select(outcome => outcome.End.Result!.Value[0].GetRawText()).Distinct().Count());
        Assert.Equal(3, outcomes.Select(outcome => outcome.End.Result!.Value[1].GetRawText()).Distinct().Count());
    }

    [Fact]
    public async Task Take_OfThreeByEight_GivesEachSlotToOne()
    {
        await using OwnFolder own = OwnFolder.Create(sandbox);
        WarmPool pool = new(own.Executor);
        await pool.FillAsync(WarmEnvironment.Plain, () => 3, TestContext.Current.CancellationToken);
        using Barrier together = new(8);

        ISandboxRun?[] runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Factory.StartNew(
            () =>
            {
                // As eight processes would.
                WarmPool mine = new(BubblewrapExecutor.Open(own.Executor.Options, TimeProvider.System));
                together.SignalAndWait();
                return mine.TryTake(WarmEnvironment.Plain, Runs.Request($"def main():\n    return {n}"));
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        ISandboxRun[] taken = [.. runs.OfType<ISandboxRun>()];
        Assert.Equal(3, taken.Length);
        Outcome[] outcomes = await Task.WhenAll(taken.Select(run => Runs.LookAfterAsync(own.Executor, run)));
        Assert.Equal(
            runs.Select((run, n) => (run, n)).Where(one => one.run is not null).Select(one => one.n),
            outcomes.Select(outcome => outcome.End.Result!.Value.GetInt32()).Order());
        Assert.Equal(0, pool.Ready(WarmEnvironment.Plain));
    }

    [Fact]
    public async Task Take_WithInputsAndFiles_IsAnOrdinaryRunAndItsLoadingIsNotCounted()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "1 2 3");
        RunRequest request = Runs.Request("import pathlib\nimport numpy\n\ndef main(factor: float, data: pathlib.Path):\n    print('here')\n    open('kept', 'w').write('x')\n    return (numpy.loadtxt(data) * factor).tolist()") with
        {
            Texts = new Dictionary<string, string> { ["factor"] = "2", ["data"] = "data.txt" },
            Files = [new InputFile("data.txt", file)],
        };
        TimeSpan loading = default;

        ISandboxRun run = await sandbox.Executor.StartWarmAsync(request);
        Outcome outcome = await Runs.LookAfterAsync(sandbox.Executor, run, _ =>
        {
            loading = new RunFolder(((BubblewrapRun)run).RunFolder).ReadFacts().CpuBefore;
            return Task.CompletedTask;
        });

        Assert.Equal((EndReason.Ok, "[2.0,4.0,6.0]", "here\n"), (outcome.End.Reason, outcome.End.Result?.GetRawText().Replace(" ", "", StringComparison.Ordinal), outcome.Out));
        Assert.Equal("kept", Assert.Single(outcome.End.Artifacts, artifact => artifact.Path != "result.json").Path);
        if (sandbox.Executor.Groups.HoldsCpu)
            Assert.True(outcome.End.Usage.Cpu < loading, $"{outcome.End.Usage.Cpu} with {loading} of loading");
        File.Delete(file);
    }

    [Fact]
    public async Task Take_WithLimits_SetsThisRuns()
    {
        const string source = "import resource\n\ndef main():\n    return [resource.getrlimit(limit) for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)]";
        RunRequest request = Runs.Request(source) with { Limits = Runs.Request("").Limits with { OpenFiles = 77, Output = 5 << 20, Processes = 9, Memory = 200 << 20 } };
        string memory = "";

        ISandboxRun run = await sandbox.Executor.StartWarmAsync(request);
        Outcome outcome = await Runs.LookAfterAsync(sandbox.Executor, run, _ =>
        {
            foreach (string group in new RunFolder(((BubblewrapRun)run).RunFolder).ReadFacts().Groups)
                memory += GroupFile.Read(Path.Combine(group, "memory.limit_in_bytes")) + GroupFile.Read(Path.Combine(group, "memory.max")) + " " + GroupFile.Read(Path.Combine(group, "pids.max"));
            return Task.CompletedTask;
        });

        Assert.Equal("[[77, 77], [5242880, 5242880], [0, 0]]", outcome.End.Result?.GetRawText());
        if (sandbox.Executor.Groups.HoldsMemory)
            Assert.Contains("209715200", memory, StringComparison.Ordinal);
        if (sandbox.Executor.Groups.HoldsProcesses)
            Assert.Contains("11\n", memory, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Take_WhereItDoesNotFit_LeavesTheSlot()
    {
        await using OwnFolder own = OwnFolder.Create(sandbox);
        WarmPool pool = new(own.Executor);
        await pool.FillAsync(WarmEnvironment.Plain, () => 1, TestContext.Current.CancellationToken);
        string ready = Path.Combine(Assert.Single(Directory.GetDirectories(pool.FolderOf(WarmEnvironment.Plain))), "ready");
        File.WriteAllText(ready, (100L << 20).ToString(CultureInfo.InvariantCulture));
        RunRequest request = Runs.Request("pass");
        RunLimits limits = request.Limits;

        RunRequest[] others =
        [
            request with { LookOnly = true },
            request with { Limits = limits with { Scratch = 1 << 20 } },
            request with { Limits = limits with { Cpus = 2 } },
            // More than what is loaded, but not enough for anything else.
            request with { Limits = limits with { Memory = 160 << 20 } },
        ];

        Assert.All(others, other => Assert.Null(pool.TryTake(WarmEnvironment.Plain, other)));
        Assert.Null(pool.TryTake(WarmEnvironment.Science, request));
        // Another kit, or other packages: another folder.
        Assert.Null(pool.TryTake(WarmEnvironment.Plain with { Modules = ["json"] }, request));
        Assert.Equal(1, pool.Ready(WarmEnvironment.Plain));
        await Runs.LookAfterAsync(own.Executor, Assert.IsType<ISandboxRun>(pool.TryTake(WarmEnvironment.Plain, request), exactMatch: false));
    }

    [Fact]
    public async Task Take_OfAnArchiveWithItsOwnNumpy_RunsItsOwn()
    {
        using MemoryStream bytes = new();
        using (ZipArchive archive = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, string text) in new[] { ("main.py", "import numpy\n\ndef main():\n    return numpy.WHOSE"), ("numpy.py", "WHOSE = 'its own'") })
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        Outcome outcome = await Runs.LookAfterAsync(sandbox.Executor, await sandbox.Executor.StartWarmAsync(Runs.Request("") with { Source = bytes.ToArray() }));

        Assert.Equal((EndReason.Ok, "\"its own\""), (outcome.End.Reason, outcome.End.Result?.GetRawText()));
    }

    [Fact]
    public async Task Neighbour_ThatKillsAndLooks_DoesNotReachASlotThatWaits()
    {
        await using OwnFolder own = OwnFolder.Create(sandbox);
        WarmPool pool = new(own.Executor);
        await pool.FillAsync(WarmEnvironment.Plain, () => 1, TestContext.Current.CancellationToken);
        RunFolder slot = new(Assert.Single(Directory.GetDirectories(pool.FolderOf(WarmEnvironment.Plain))));
        string source = $$"""
            import os, signal
            for process in [*{{JsonSerializer.Serialize(Tree(slot.ShimProcess))}}, *range(1, 200)]:
                if process in (1, os.getpid()):
                    continue
                for number in (0, signal.SIGHUP, signal.SIGKILL):
                    try:
                        os.kill(process, number)
                        print("reached", process)
                    except OSError:
                        pass
            print(sorted(name for name in os.listdir("/proc") if name.isdigit()))
            for place in ("{{slot.Path}}", "{{Path.GetDirectoryName(slot.Path)}}"):
                try:
                    print("reached", os.listdir(place))
                except OSError:
                    pass
            """;

        Outcome outcome = await own.Executor.RunAsync(Runs.Request(source));

        Assert.Equal((EndReason.Ok, "['1', '2']\n"), (outcome.End.Reason, outcome.Log));
        Assert.Equal(1, pool.Ready(WarmEnvironment.Plain));
    }

    /// <summary>The processes below one, from outside.</summary>
    private static List<int> Tree(int top)
    {
        List<int> found = [top];
        for (int i = 0; i < found.Count; i++)
            found.AddRange(GroupFile.Words($"/proc/{found[i]}/task/{found[i]}/children").Select(word => int.Parse(word, CultureInfo.InvariantCulture)));
        Assert.True(found.Count >= 4, "bwrap, its first process and Python are below the shim.");
        return found;
    }
}
