using System.Diagnostics;
using System.Globalization;
using System.Text;
using Essaim.Sandbox;

namespace Essaim.Bench;

/// <summary>What a sandbox that waits with its imports loaded gains and costs, against a cold one in turns with it.</summary>
internal static class WarmMeasurements
{
    private const string Science = """
        import numpy
        import scipy.linalg, scipy.optimize, scipy.sparse, scipy.integrate
        print(numpy.linalg.norm(scipy.linalg.solve(numpy.eye(3), numpy.ones(3))))
        """;

    private const string Plain = "print(6 * 7)";

    public static async Task RunAsync(BubblewrapExecutor executor, int count)
    {
        await StartsAsync(executor, WarmEnvironment.Science, Science, count);
        await StartsAsync(executor, WarmEnvironment.Plain, Plain, count);
        await WaitingAsync(executor, WarmEnvironment.Science);
        await WaitingAsync(executor, WarmEnvironment.Plain);
    }

    private static async Task StartsAsync(BubblewrapExecutor executor, WarmEnvironment environment, string source, int count)
    {
        WarmPool pool = new(executor);
        List<double> cold = [], warm = [], whole = [], filling = [];
        for (int i = 0; i < count + 5; i++)
        {
            double coldly = await FirstByteAsync(request => executor.StartAsync(request, CancellationToken.None).AsTask(), source, []);
            long began = Stopwatch.GetTimestamp();
            await pool.FillAsync(environment, () => 1, CancellationToken.None);
            double filled = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            List<double> all = [];
            double warmly = await FirstByteAsync(
                request => Task.FromResult(pool.TryTake(environment, request) ?? throw new InvalidOperationException("No slot could be taken.")), source, all);
            // The first ones warm the caches of the machine and of this process.
            if (i < 5)
                continue;
            cold.Add(coldly);
            warm.Add(warmly);
            filling.Add(filled);
            whole.AddRange(all);
        }

        Console.WriteLine($"sandbox: {environment.Name}, cold, from the call to the program's first byte: {SandboxMeasurements.Figures(cold)}");
        Console.WriteLine(
            $"sandbox: {environment.Name}, warm, the same: {SandboxMeasurements.Figures(warm)}; "
            + string.Create(CultureInfo.InvariantCulture, $"{SandboxMeasurements.Percentile(cold, 50) / SandboxMeasurements.Percentile(warm, 50):0} times quicker; load {SandboxMeasurements.Load()}"));
        Console.WriteLine($"sandbox: {environment.Name}, warm, and ended, collected and removed: {SandboxMeasurements.Figures(whole)}");
        Console.WriteLine($"sandbox: {environment.Name}, time until the next one waits: {SandboxMeasurements.Figures(filling)}");
    }

    private static async Task<double> FirstByteAsync(Func<RunRequest, Task<ISandboxRun>> start, string source, List<double> whole)
    {
        RunRequest request = new("bench.py", Encoding.UTF8.GetBytes(source));
        long began = Stopwatch.GetTimestamp();
        ISandboxRun run = await start(request);
        double first = 0;
        // As everybody sees it who follows a run.
        await foreach (RunOutput output in run.WatchAsync(0, CancellationToken.None))
        {
            if (first == 0 && output is RunText)
                first = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        SandboxMeasurements.Check(await run.WaitAsync(CancellationToken.None), EndReason.Ok);
        await run.RemoveAsync(CancellationToken.None);
        whole.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        return first;
    }

    /// <summary>Three, so that what they share is shared as it is in use.</summary>
    private static async Task WaitingAsync(BubblewrapExecutor executor, WarmEnvironment environment)
    {
        WarmPool pool = new(executor);
        await pool.FillAsync(environment, () => 3, CancellationToken.None);
        List<int> processes = [.. Directory.EnumerateDirectories(pool.FolderOf(environment)).Select(path => new RunFolder(path).ShimProcess)];
        for (int i = 0; i < processes.Count; i++)
            processes.AddRange(GroupFile.Words($"/proc/{processes[i]}/task/{processes[i]}/children").Select(word => int.Parse(word, CultureInfo.InvariantCulture)));
        long Sum(string name) => processes.Sum(process => GroupFile.Number($"/proc/{process}/smaps_rollup", name)) / 3;
        long ticks = Ticks(processes);
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"sandbox: {environment.Name}, one that waits, of three, shim and all: PSS {Sum("Pss:") / 1024.0:0.0} MiB, of its own {Sum("Private_Dirty:") / 1024.0:0.0} MiB; processor time of the three in 10 s: {(Ticks(processes) - ticks) * 10} ms"));
        pool.Empty();
        while (executor.Groups.Ids().Any())
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
    }

    private static long Ticks(IEnumerable<int> processes) => processes.Sum(process =>
        GroupFile.Read($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 13 } words ? long.Parse(words[11], CultureInfo.InvariantCulture) + long.Parse(words[12], CultureInfo.InvariantCulture) : 0);
}
