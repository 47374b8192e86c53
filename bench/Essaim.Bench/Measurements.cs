using System.Diagnostics;

namespace Essaim.Bench;

/// <summary>The measurements, by the name they are called with.</summary>
internal static class Measurements
{
    public static IReadOnlyDictionary<string, Func<BenchOptions, Task>> All { get; } = new Dictionary<string, Func<BenchOptions, Task>>
    {
        ["enqueue"] = EnqueueAsync,
        ["throughput"] = ThroughputAsync,
        ["latency"] = LatencyAsync,
        ["idle"] = IdleAsync,
        ["config"] = ConfigMeasurement.RunAsync,
        ["sandbox"] = SandboxMeasurements.RunAsync,
        ["mqtt"] = MqttMeasurement.RunAsync,
        ["edge"] = EdgeMeasurement.RunAsync,
        ["devices"] = DevicesMeasurement.RunAsync,
    };

    private static async Task EnqueueAsync(BenchOptions options)
    {
        await using TaskClient client = new(options.Broker);
        await client.SendAsync("bench.noop");
        using CancellationTokenSource end = new(TimeSpan.FromSeconds(options.Seconds));
        long sent = 0;
        Stopwatch clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, options.Producers).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                await client.SendAsync("bench.noop");
                Interlocked.Increment(ref sent);
            }
        })));
        Console.WriteLine($"enqueue: {sent / clock.Elapsed.TotalSeconds:N0} tasks/s, one by one, durable, {options.Producers} producers, {sent:N0} tasks in {clock.Elapsed.TotalSeconds:N1} s");
    }

    private static async Task ThroughputAsync(BenchOptions options)
    {
        await using TaskClient client = new(options.Broker);
        await client.SendManyAsync([.. Enumerable.Range(0, 200).Select(_ => new TaskCall("bench.noop"))]);
        IBackend backend = await client.GetBackendAsync();
        await using WorkerProcess worker = WorkerProcess.Start(options);
        await DrainedAsync(backend);

        TaskCall[] batch = [.. Enumerable.Range(0, 1000).Select(_ => new TaskCall("bench.noop"))];
        Stopwatch clock = Stopwatch.StartNew();
        TaskHandle? last = null;
        for (int sent = 0; sent < options.Tasks; sent += batch.Length)
            last = (await client.SendManyAsync(batch))[^1];
        TimeSpan enqueued = clock.Elapsed;
        await DrainedAsync(backend);
        TimeSpan total = clock.Elapsed;
        string state = last is null ? "" : (await last.GetStateAsync()).Name;
        Console.WriteLine($"throughput: {options.Tasks / total.TotalSeconds:N0} tasks/s from submit to stored result, pool {options.Pool}, {options.Slots} slots, events {(options.Events ? "on" : "off")}, {options.Tasks:N0} tasks in {total.TotalSeconds:N2} s (all submitted after {enqueued.TotalSeconds:N2} s; last one {state})");
    }

    private static async Task LatencyAsync(BenchOptions options)
    {
        await using TaskClient client = new(options.Broker);
        int count = Math.Min(options.Tasks, 2000);
        await using WorkerProcess worker = WorkerProcess.Start(options);
        for (int i = 0; i < 50; i++)
            await client.CallAsync<long>("bench.stamp");
        List<double> toStart = [];
        List<double> toResult = [];
        for (int i = 0; i < count; i++)
        {
            long before = Stopwatch.GetTimestamp();
            long started = await client.CallAsync<long>("bench.stamp");
            toResult.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
            toStart.Add(Stopwatch.GetElapsedTime(before, started).TotalMilliseconds);
        }

        Console.WriteLine($"latency: submit to start p50 {At(toStart, 0.5):N2} ms, p99 {At(toStart, 0.99):N2} ms; submit to result p50 {At(toResult, 0.5):N2} ms, p99 {At(toResult, 0.99):N2} ms; {count:N0} tasks, pool {options.Pool}");
    }

    private static async Task IdleAsync(BenchOptions options)
    {
        await using WorkerProcess worker = WorkerProcess.Start(options);
        await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System);
        TimeSpan before = worker.ProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds), TimeProvider.System);
        double share = (worker.ProcessorTime - before).TotalSeconds / options.Seconds;
        Console.WriteLine($"idle: {worker.ResidentMiB:N1} MiB resident, {share:P2} of a core over {options.Seconds} s, pool {options.Pool}");
    }

    private static async Task DrainedAsync(IBackend backend)
    {
        while ((await backend.Broker.GetQueuesAsync(CancellationToken.None)).Any(queue => queue.Ready + queue.InFlight > 0))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
    }

    internal static double At(List<double> values, double quantile)
    {
        values.Sort();
        return values[(int)(quantile * (values.Count - 1))];
    }
}
