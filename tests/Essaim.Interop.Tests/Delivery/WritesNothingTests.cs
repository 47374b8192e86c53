using System.Text.RegularExpressions;

namespace Essaim.Interop.Tests.Delivery;

/// <summary>A worker wears out no SD card: it and its children open nothing for writing but devices, their own places in /proc, and what they log to.</summary>
public sealed partial class WritesNothingTests : IDisposable
{
    private readonly string _trace = Path.GetTempFileName();

    public void Dispose() => File.Delete(_trace);

    [InteropFact]
    public async Task WorkerAndChildren_OnRedis_WriteNoFile()
    {
        await using TestFleet fleet = await TestFleet.StartAsync();
        RunningProgram worker = await fleet.StartTracedEssaimWorkerAsync("net", "traced@test", _trace);
        foreach (int n in Enumerable.Range(0, 20))
            Assert.Equal(n + 1, await fleet.Client.CallAsync<long>("tasks.add", [n, 1], new EnqueueOptions { Queue = "net" }, TestContext.Current.CancellationToken));
        await worker.StopAsync();
        string main = $"{worker.Id} ";
        string[] lines;
        long start = TimeProvider.System.GetTimestamp();
        do
        {
            // The tracer ends a moment after what it traced.
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(40), "The tracer has not noted the worker's end.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
            lines = await File.ReadAllLinesAsync(_trace, TestContext.Current.CancellationToken);
        }
        while (!lines.Any(line => line.StartsWith(main, StringComparison.Ordinal) && line.Contains("+++ exited", StringComparison.Ordinal)));

        Assert.Contains(lines, line => line.Contains("openat(", StringComparison.Ordinal));
        Assert.True(lines.Select(line => line.Split(' ')[0]).Distinct().Count() > 10, "The children and their threads were not traced.");
        Assert.DoesNotContain(lines, line => Writing().IsMatch(line) && !Allowed().IsMatch(line));
    }

    // What changes a file system: files opened for writing, and everything that makes, renames or removes something. What failed changed nothing.
    [GeneratedRegex(@"(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC| creat\(| rename| mkdir| unlink| link| symlink| mknod| truncate| bind\(.*sun_path)(?!.*= -1 E)")]
    private static partial Regex Writing();

    [GeneratedRegex("""(, |\()"(/dev/|/proc/self/)""")]
    private static partial Regex Allowed();
}
