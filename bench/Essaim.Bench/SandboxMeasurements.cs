using System.Diagnostics;
using System.Globalization;
using System.Text;
using Essaim.Sandbox;

namespace Essaim.Bench;

/// <summary>What the sandbox costs: starting, holding, ending, and what is left of it.</summary>
internal static class SandboxMeasurements
{
    private const string Nothing = "pass";
    private const string Undying = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(60)";

    public static async Task RunAsync(BenchOptions options)
    {
        // Not in the benchmark's own folder: runs have users of their own, who must reach it.
        string folder = Path.Combine(Environment.IsPrivilegedProcess ? "/var/lib" : options.Folder, $"essaim-bench-{Environment.ProcessId}");
        BubblewrapExecutor executor = BubblewrapExecutor.Open(new SandboxOptions { Folder = folder }, TimeProvider.System);
        ExecutorProof proof = await executor.ProveAsync(CancellationToken.None);
        Console.WriteLine($"sandbox: control groups version {(executor.Groups.Second ? 2 : 1)}; holds: {proof.Holds}; soft: {string.Join(", ", proof.Soft)}; load {Load()}");
        try
        {
            await StartsAsync(executor, Math.Min(options.Tasks, 200));
            await WarmMeasurements.RunAsync(executor, Math.Min(options.Tasks, 100));
            await HoldingAsync(executor);
            await EndingAsync(executor);
            await ManyAsync(executor, options.Runs);
            await AtOnceAsync(executor, options.AtOnce);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>In turns, so that both see the same machine.</summary>
    private static async Task StartsAsync(BubblewrapExecutor executor, int count)
    {
        List<double> bare = [], run = [], whole = [];
        for (int i = 0; i < count + 10; i++)
        {
            Stopwatch clock = Stopwatch.StartNew();
            using (Process python = Process.Start("/usr/bin/python3", ["-I", "-c", Nothing]))
                await python.WaitForExitAsync();
            double alone = clock.Elapsed.TotalMilliseconds;

            clock.Restart();
            ISandboxRun one = await executor.StartAsync(Request(Nothing), CancellationToken.None);
            await ((BubblewrapRun)one).WaitForShimAsync(CancellationToken.None);
            double ended = clock.Elapsed.TotalMilliseconds;
            Check(await one.WaitAsync(CancellationToken.None), EndReason.Ok);
            await one.RemoveAsync(CancellationToken.None);
            // The first ones warm the caches of the machine and of this process.
            if (i < 10)
                continue;
            bare.Add(alone);
            run.Add(ended);
            whole.Add(clock.Elapsed.TotalMilliseconds);
        }

        Console.WriteLine($"sandbox: bare python3 -I -c pass, start to end: {Figures(bare)}");
        Console.WriteLine($"sandbox: the same in the sandbox, start to end: {Figures(run)}, {Percentile(run, 50) / Percentile(bare, 50):0.0} times bare");
        Console.WriteLine($"sandbox: and collected and removed: {Figures(whole)}; load {Load()}");
    }

    private static async Task HoldingAsync(BubblewrapExecutor executor)
    {
        ISandboxRun run = await StartedAsync(executor, Request("import time\nprint('ready')\ntime.sleep(600)"));
        string rollup = File.ReadAllText($"/proc/{((BubblewrapRun)run).ShimProcess}/smaps_rollup");
        Console.WriteLine($"sandbox: the shim of a run: resident {Kilobytes(rollup, "Rss:")} kB, of its own {Kilobytes(rollup, "Private_Dirty:")} kB");
        await run.RemoveAsync(CancellationToken.None);
    }

    private static async Task EndingAsync(BubblewrapExecutor executor)
    {
        List<double> late = [];
        RunLimits limits = new() { Time = TimeSpan.FromSeconds(1), Grace = TimeSpan.FromMilliseconds(500) };
        for (int i = 0; i < 10; i++)
        {
            ISandboxRun run = await StartedAsync(executor, Request(Undying) with { Limits = limits });
            RunEnd end = await run.WaitAsync(CancellationToken.None);
            Check(end, EndReason.Timeout);
            late.Add((end.Usage.Wall - limits.Time - limits.Grace).TotalMilliseconds);
            await run.RemoveAsync(CancellationToken.None);
        }

        Console.WriteLine($"sandbox: a program that ignores SIGTERM ends after its time and grace by: {Figures(late)}");
    }

    private static async Task ManyAsync(BubblewrapExecutor executor, int count)
    {
        (int processes, int mounts, int groups) before = Left(executor);
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 0; i < count; i++)
        {
            ISandboxRun run = await executor.StartAsync(Request("import os\nos.fork()\nopen(f'f{os.getpid()}', 'w').write('x')"), CancellationToken.None);
            Check(await run.WaitAsync(CancellationToken.None), EndReason.Ok);
            await run.RemoveAsync(CancellationToken.None);
        }

        TimeSpan took = clock.Elapsed;
        (int processes, int mounts, int groups) after = Left(executor);
        Console.WriteLine(
            $"sandbox: {count} runs one after another in {took.TotalSeconds:0.0} s; left behind: processes {after.processes - before.processes}, mounts {after.mounts - before.mounts}, "
            + $"control groups {after.groups - before.groups}, run folders {Directory.GetDirectories(executor.RunsFolder).Length}");
    }

    private static async Task AtOnceAsync(BubblewrapExecutor executor, int count)
    {
        Stopwatch clock = Stopwatch.StartNew();
        EndReason[] ends = await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            ISandboxRun run = await executor.StartAsync(Request("import time\ntime.sleep(2)\nprint(6 * 7)"), CancellationToken.None);
            RunEnd end = await run.WaitAsync(CancellationToken.None);
            await run.RemoveAsync(CancellationToken.None);
            return end.Reason;
        }));
        Console.WriteLine($"sandbox: {count} runs at once, each sleeping 2 s: {ends.Count(end => end == EndReason.Ok)} ended well in {clock.Elapsed.TotalSeconds:0.0} s; load {Load()}");
    }

    private static RunRequest Request(string source) => new("bench.py", Encoding.UTF8.GetBytes(source));

    private static async Task<ISandboxRun> StartedAsync(BubblewrapExecutor executor, RunRequest request)
    {
        ISandboxRun run = await executor.StartAsync(request, CancellationToken.None);
        while (((BubblewrapRun)run).ShimProcess == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, CancellationToken.None);
        return run;
    }

    private static (int Processes, int Mounts, int Groups) Left(BubblewrapExecutor executor) => (
        Directory.EnumerateDirectories("/proc").Select(folder => GroupFile.Read(folder + "/cmdline")).Count(line => line.Contains("bwrap", StringComparison.Ordinal) || line.Contains("essaim-shim", StringComparison.Ordinal)),
        File.ReadAllLines("/proc/self/mountinfo").Count(line => line.Contains(executor.Options.Folder, StringComparison.Ordinal)),
        executor.Groups.Ids().Count());

    internal static void Check(RunEnd end, EndReason expected)
    {
        if (end.Reason != expected)
            throw new InvalidOperationException($"A run ended with {end.Reason}: {end.Message}");
    }

    private static string Kilobytes(string text, string name) =>
        text.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];

    internal static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    internal static double Percentile(List<double> values, int percent) => values.Order().ElementAt(Math.Min(values.Count - 1, values.Count * percent / 100));

    internal static string Figures(List<double> values) => string.Create(
        CultureInfo.InvariantCulture, $"p50 {Percentile(values, 50):0.0} ms, p95 {Percentile(values, 95):0.0} ms, min {values.Min():0.0} ms, n {values.Count}");
}
