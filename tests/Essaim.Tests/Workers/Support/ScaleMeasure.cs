using System.Diagnostics;
using System.Globalization;

namespace Essaim.Tests.Workers;

/// <summary>
/// Measures how soon a worker with <c>--autoscale 4,MIN</c> answers a burst of 40 tasks of 250 ms: <c>Essaim.Tests scale-measure [url] [processes|threads] [min]</c>
/// prints when four slots were there and when four tasks had begun, from the moment the burst was sent, and how long it took to be back.
/// </summary>
internal static class ScaleMeasure
{
    public const string Verb = "scale-measure";

    public static async Task<int> RunAsync(string[] args)
    {
        await using IBackend backend = await Backend.OpenAsync(args[1], new BackendContext(TimeProvider.System, new ListLogger()), CancellationToken.None);
        ListLogger log = new();
        WorkerOptions options = new()
        {
            MaxConcurrency = 4,
            MinConcurrency = int.Parse(args[3], CultureInfo.InvariantCulture),
            Pool = args[2] == "threads" ? WorkerPool.Threads : WorkerPool.Processes,
            ScaleDownAfter = TimeSpan.FromSeconds(2),
            NodeName = "scale@here",
        };
        using CancellationTokenSource stop = new();
        using Worker worker = WorkerRole.Create(backend, options, log);
        Task running = worker.RunAsync(stop.Token, CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, CancellationToken.None);
        for (int round = 0; round < 3; round++)
        {
            long sent = Stopwatch.GetTimestamp();
            OutgoingMessage[] messages = [.. Enumerable.Range(0, 40).Select(_ => Script.Outgoing(Script.Message("sleep", "250")))];
            await backend.Broker.PublishAsync(new Outgoing(messages, []), CancellationToken.None);
            int before = log.Lines.Count;
            double four = await ElapsedAtAsync(sent, () => log.Lines.Skip(before).Any(line => line.Contains("-> 4", StringComparison.Ordinal)));
            double begun = await ElapsedAtAsync(sent, async () => (await QueueAsync(backend)).InFlight >= 4);
            double done = await ElapsedAtAsync(sent, async () => await QueueAsync(backend) is { Ready: 0, InFlight: 0 });
            double back = await ElapsedAtAsync(sent, () => log.Lines.Skip(before).Any(line => line.Contains($"-> {options.MinConcurrency}:", StringComparison.Ordinal)));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"four slots after {four:0} ms, four tasks in hand after {begun:0} ms, all done after {done:0} ms, back after {back:0} ms"));
        }

        Console.WriteLine(string.Join('\n', log.Lines.Where(line => line.StartsWith("Slots", StringComparison.Ordinal))));
        await stop.CancelAsync();
        await running;
        return 0;
    }

    private static async Task<QueueStatus> QueueAsync(IBackend backend) => (await backend.Broker.GetQueuesAsync(CancellationToken.None))[0];

    private static Task<double> ElapsedAtAsync(long since, Func<bool> holds) => ElapsedAtAsync(since, () => Task.FromResult(holds()));

    private static async Task<double> ElapsedAtAsync(long since, Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
        return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    }
}
