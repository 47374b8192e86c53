namespace Essaim.Compare;

/// <summary>No-op tasks from a full queue, with results kept and without; processor time and memory while at it.</summary>
internal static class ProcessMeasurement
{
    private const int MostTasks = 3_000_000;

    public static async Task RunAsync(Bench bench, double roundTrip, CancellationToken cancellationToken)
    {
        foreach (bool keep in bench.Options.Keep is { } one ? [one] : (bool[])[true, false])
        {
            Dictionary<IProduct, int> counts = [];
            await bench.EachAsync(bench.Options.Products, async product =>
            {
                int count = counts.GetValueOrDefault(product, CountFor(product.ExpectedRate, product, bench.Options));
                Throughput done = await MeasureAsync(bench, product, count, keep, roundTrip, cancellationToken);
                if (bench.Options.Tasks is null && done.Seconds < bench.Options.Seconds * 0.8)
                {
                    Figures.Progress($"{product.Name} was done after {done.Seconds:N1} s: again with more tasks");
                    counts[product] = CountFor(done.Rate, product, bench.Options);
                    done = await MeasureAsync(bench, product, counts[product], keep, roundTrip, cancellationToken);
                }

                Add(bench.Figures, product, keep, roundTrip, done);
            });
        }
    }

    /// <summary>One run of one contender.</summary>
    public static async Task<Throughput> MeasureAsync(
        Bench bench, IProduct product, int count, bool keep, double roundTrip, CancellationToken cancellationToken)
    {
        await using OpenLane open = await bench.OpenAsync(roundTrip, cancellationToken);
        await product.FillAsync(open.Lane, count, keep, cancellationToken);
        using RawRedis redis = bench.Redis.Connect();
        long filled = product.CountLeft(redis);
        await using SideProgram worker = product.StartWorker(open.Lane, keep);
        return await ThroughputSampler.WatchAsync(
            () => product.CountLeft(redis),
            filled,
            Math.Min(product.WarmUp, filled / 4),
            TimeSpan.FromSeconds(bench.Options.Tasks is null ? bench.Options.Seconds * 2 : 600),
            worker,
            bench.Redis.ProcessId,
            cancellationToken);
    }

    /// <summary>As many tasks as take <see cref="CompareOptions.Seconds"/>, and a few more.</summary>
    public static int CountFor(double rate, IProduct product, CompareOptions options) =>
        options.Tasks ?? (int)Math.Min(MostTasks, (rate * options.Seconds * 1.2) + product.WarmUp);

    private static void Add(Figures figures, IProduct product, bool keep, double roundTrip, Throughput done)
    {
        figures.Add(What.Process(keep), product.Name, roundTrip, "tasks/s", done.Rate);
        figures.Add(What.Cpu(keep), product.Name, roundTrip, "s/10,000", done.WorkerCpu);
        figures.Add(What.RedisCpu(keep), product.Name, roundTrip, "s/10,000", done.RedisCpu);
        figures.Add(What.Resident(keep), product.Name, roundTrip, "MiB", done.ResidentMiB);
        figures.Add(What.Proportional(keep), product.Name, roundTrip, "MiB", done.ProportionalMiB);
    }
}
