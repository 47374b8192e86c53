using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MusicLibrary.Tests.Commands;

/// <summary>
/// What the worker may cost while it has nothing to do, with a wide margin over docs/benchmarks.md: this fails for a timer that runs wild or a
/// library that comes into memory, not for a slow machine. Wake-ups are the voluntary switches; others are the machine's, not the worker's.
/// </summary>
public sealed class IdleBudgetTests
{
    private const double MostMegabytes = 100;
    private const double MostProcessorPercent = 2;
    private const double MostWakeUps = 40;
    private static readonly TimeSpan Counted = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("redis")]
    public async Task Worker_NothingToDo_StaysWithinItsBudget(string broker)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It reads /proc.");
        using ScratchFolder folder = new();
        using Process? server = broker == "redis" ? StartRedis(folder.Path, out int port) : NoServer(out port);
        using Process worker = MusicProgram.Start(
            ["worker", "--autoscale", "4,1", "--broker", server is null ? $"sqlite:{Path.Combine(folder.Path, "queue.db")}" : $"redis://127.0.0.1:{port}/0"]);
        Task<ProgramEnd> end = MusicProgram.EndAsync(worker);
        try
        {
            await UntilQuietAsync(worker);
            int[] processes = [worker.Id, .. Children(worker.Id)];
            (double cpu, long switches) = Count(processes);
            long start = TimeProvider.System.GetTimestamp();
            await Task.Delay(Counted, TimeProvider.System, Stop);
            double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            (double cpuAfter, long switchesAfter) = Count(processes);

            Assert.Equal(2, processes.Length);
            Assert.InRange(processes.Sum(Megabytes), 1, MostMegabytes);
            Assert.InRange((cpuAfter - cpu) * 100 / seconds, 0, MostProcessorPercent);
            Assert.InRange((switchesAfter - switches) / seconds, 0, MostWakeUps);
        }
        finally
        {
            worker.Kill(entireProcessTree: true);
            server?.Kill();
            await end;
        }
    }

    /// <summary>Until the child is there and two seconds passed with next to no work: what starts a program is over.</summary>
    private static async Task UntilQuietAsync(Process worker)
    {
        long begin = TimeProvider.System.GetTimestamp();
        double last = double.NegativeInfinity;
        while (true)
        {
            Assert.False(worker.HasExited);
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, "The worker does not come to rest.");
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Stop);
            int[] children = [.. Children(worker.Id)];
            double now = Count([worker.Id, .. children]).Cpu;
            if (children.Length == 1 && now - last < 0.06)
                return;
            last = now;
        }
    }

    private static IEnumerable<int> Children(int process) =>
        Directory.EnumerateDirectories($"/proc/{process}/task")
            .SelectMany(thread => File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));

    /// <summary>Seconds of processor time and voluntary context switches, of all threads there are.</summary>
    private static (double Cpu, long Switches) Count(int[] processes)
    {
        double cpu = 0;
        long switches = 0;
        foreach (int process in processes)
        {
            using Process one = Process.GetProcessById(process);
            cpu += one.TotalProcessorTime.TotalSeconds;
            foreach (string thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
                switches += Field(Path.Combine(thread, "status"), "voluntary_ctxt_switches:");
        }

        return (cpu, switches);
    }

    private static double Megabytes(int process) => Field($"/proc/{process}/smaps_rollup", "Pss:") / 1024.0;

    private static long Field(string file, string name)
    {
        try
        {
            string line = File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal));
            return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException)
        {
            return 0; // A thread that has ended meanwhile.
        }
    }

    private static Process? NoServer(out int port)
    {
        port = 0;
        return null;
    }

    private static Process StartRedis(string folder, out int port)
    {
        bool installed = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(place => File.Exists(Path.Combine(place, "redis-server")));
        Assert.SkipUnless(installed || Environment.GetEnvironmentVariable("CI") == "true", "redis-server is not installed.");
        using (TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        Process server = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", folder])
        {
            RedirectStandardOutput = true,
        })!;
        // It says so when it listens; what it says later is read, too, or it would wait for that.
        while (server.StandardOutput.ReadLine() is { } line && !line.Contains("Ready to accept connections", StringComparison.Ordinal))
        {
            // Its greeting.
        }

        _ = server.StandardOutput.ReadToEndAsync(Stop);
        return server;
    }
}
