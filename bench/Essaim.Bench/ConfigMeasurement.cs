using System.Diagnostics;
using Essaim.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Bench;

/// <summary>The configuration of 50 queues and 500 routes: reading it whole, and how soon 20 subscribers apply a new version.</summary>
internal static class ConfigMeasurement
{
    private const int Queues = 50, Routes = 500, Subscribers = 20, Publications = 300;

    public static async Task RunAsync(BenchOptions options)
    {
        string url = options.Url ?? throw new ArgumentException("config needs --url of a Redis that was started for it.");
        await using IBackend backend = await OpenAsync(url);
        IConfigStore store = backend.Configuration;
        int number = 0;
        ConfigSnapshot current = (await store.PublishAsync(Document(number), (await store.ReadAsync(default))?.Version, default))!;
        int rounds = Math.Min(options.Tasks, 2000);
        (List<double> read, List<double> readAndChecked) = ([], []);
        for (int i = -200; i < rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            ConfigSnapshot snapshot = (await store.ReadAsync(default))!;
            double raw = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            FleetConfiguration.Read(snapshot);
            if (i < 0)
                continue;
            read.Add(raw);
            readAndChecked.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        Console.WriteLine($"config read: {Queues} queues, {Routes} routes in one round trip p50 {Measurements.At(read, 0.5):N2} ms, p99 {Measurements.At(read, 0.99):N2} ms; read, hashed and checked p50 {Measurements.At(readAndChecked, 0.5):N2} ms, p99 {Measurements.At(readAndChecked, 0.99):N2} ms; {rounds:N0} reads");

        using CancellationTokenSource stop = new();
        List<IBackend> backends = [];
        LiveConfiguration[] live = [.. Enumerable.Range(0, Subscribers).Select(_ => new LiveConfiguration())];
        long[] applied = new long[Subscribers];
        List<Task> running = [];
        for (int i = 0; i < Subscribers; i++)
        {
            int own = i;
            IBackend subscriber = await OpenAsync(url);
            backends.Add(subscriber);
            live[i].Changed += (_, _) => Volatile.Write(ref applied[own], Stopwatch.GetTimestamp());
            running.Add(new ConfigFollower(_ => new(subscriber.Configuration), live[i], null, TimeProvider.System, Random.Shared, NullLogger.Instance).RunAsync(stop.Token));
        }

        await UntilAsync(() => live.All(one => one.Current.Version == current.Version));
        List<double> delays = [];
        for (int i = 0; i < Publications; i++)
        {
            ConfigDocument document = Document(++number);
            _ = document.Hash;
            long start = Stopwatch.GetTimestamp();
            current = (await store.PublishAsync(document, current.Version, default))!;
            await UntilAsync(() => live.All(one => one.Current.Version == current.Version));
            delays.AddRange(applied.Select(at => Stopwatch.GetElapsedTime(start, at).TotalMilliseconds));
        }

        Console.WriteLine($"config apply: publish to applied on {Subscribers} subscribers (in one process) p50 {Measurements.At(delays, 0.5):N1} ms, p99 {Measurements.At(delays, 0.99):N1} ms; {Publications} publications");
        await stop.CancelAsync();
        await Task.WhenAll(running);
        foreach (IBackend subscriber in backends)
            await subscriber.DisposeAsync();
    }

    private static ValueTask<IBackend> OpenAsync(string url) => Backend.OpenAsync(url, new BackendContext(TimeProvider.System, NullLoggerFactory.Instance), default);

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
    }

    private static ConfigDocument Document(int number) => new(
        Enumerable.Range(0, Queues).ToDictionary(i => $"queue-{i}", i => QueueJson.Write(new QueueDefinition($"queue-{i}") { Class = QueueClass.Io, Concurrency = 4 + number % 7, Rate = "100/m" })),
        Enumerable.Range(0, Routes).ToDictionary(i => $"app.module{i}.*", i => RawJson.From(new Dictionary<string, string> { ["queue"] = $"queue-{i % Queues}" })),
        new Dictionary<string, RawJson> { ["task_time_limit"] = RawJson.From(300), ["result_expires"] = RawJson.From(3600), ["number"] = RawJson.From(number) },
        "bench")
    { Revision = number };
}
