using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Tests.Workers;

/// <summary>Measures a whole worker: <c>Essaim.Tests worker-measure [url] [processes|threads] [slots] [tasks]</c> prints no-op tasks per second, claim to settle.</summary>
internal static class WorkerMeasure
{
    public const string Verb = "worker-measure";

    public static async Task<int> RunAsync(string[] args)
    {
        int tasks = int.Parse(args[4], CultureInfo.InvariantCulture);
        await using IBackend backend = await Backend.OpenAsync(
            args[1], new BackendContext(TimeProvider.System, NullLoggerFactory.Instance), CancellationToken.None);
        foreach (int[] chunk in Enumerable.Range(0, tasks).Chunk(1000))
        {
            OutgoingMessage[] messages = [.. chunk.Select(_ => Script.Outgoing(Script.Message("noop")))];
            await backend.Broker.PublishAsync(new Outgoing(messages, []), CancellationToken.None);
        }

        using CancellationTokenSource stop = new();
        using Worker worker = WorkerRole.Create(
            backend, args[2] == "threads" ? WorkerPool.Threads : WorkerPool.Processes, int.Parse(args[3], CultureInfo.InvariantCulture));
        Task running = worker.RunAsync(stop.Token, CancellationToken.None);
        await UntilLeftAsync(backend, tasks * 3 / 4);
        long start = Stopwatch.GetTimestamp();
        long first = (await backend.Broker.GetQueuesAsync(CancellationToken.None)).Sum(queue => queue.Ready + queue.InFlight);
        await UntilLeftAsync(backend, 0);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{first / seconds:0} tasks/s ({first} in {seconds:0.00} s)"));
        await stop.CancelAsync();
        await running;
        return 0;
    }

    private static async Task UntilLeftAsync(IBackend backend, int left)
    {
        while ((await backend.Broker.GetQueuesAsync(CancellationToken.None)).Sum(queue => queue.Ready + queue.InFlight) > left)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
    }
}
