namespace Essaim.Compare;

/// <summary>From the call that sends a task to its first line of code: on an idle worker, and at half of what the worker can do.</summary>
internal static class LatencyMeasurement
{
    private const int IdleRate = 50;
    private const int WarmUp = 500;
    private const int WarmUpRate = 250;

    public static async Task RunAsync(Bench bench, double roundTrip, CancellationToken cancellationToken)
    {
        await bench.EachAsync(bench.Options.Products, async product =>
        {
            (List<double> idle, _) = await MeasureAsync(bench, product, IdleRate, bench.Options.Samples, roundTrip, cancellationToken);
            bench.Figures.Add(What.IdleP50, product.Name, roundTrip, "ms", At(idle, 0.5));
            bench.Figures.Add(What.IdleP99, product.Name, roundTrip, "ms", At(idle, 0.99));
        });
        await bench.EachAsync(bench.Options.Products, async product =>
        {
            double rate = await ThroughputAsync(bench, product, roundTrip, cancellationToken) / 2;
            (List<double> half, double reached) = await MeasureAsync(bench, product, rate, (int)(rate * bench.Options.Seconds), roundTrip, cancellationToken);
            bench.Figures.Add(What.HalfRate, product.Name, roundTrip, "tasks/s", reached);
            bench.Figures.Add(What.HalfP50, product.Name, roundTrip, "ms", At(half, 0.5));
            bench.Figures.Add(What.HalfP99, product.Name, roundTrip, "ms", At(half, 0.99));
            if (reached < rate * 0.9)
                bench.Figures.Note($"Half load of {product.Name} would be {rate:N0} tasks/s; its producer reached {reached:N0} on this machine beside the worker.");
        });
    }

    private static async Task<double> ThroughputAsync(Bench bench, IProduct product, double roundTrip, CancellationToken cancellationToken)
    {
        if (bench.Figures.TryFind(What.Process(keep: true), product.Name, roundTrip, out Figure? measured))
            return measured.Median;
        int count = ProcessMeasurement.CountFor(product.ExpectedRate, product, bench.Options);
        Throughput done = await ProcessMeasurement.MeasureAsync(bench, product, count, keep: true, roundTrip, cancellationToken);
        Figures.Progress($"{product.Name} does {done.Rate:N0} tasks/s: half load is half of that");
        return done.Rate;
    }

    private static async Task<(List<double> Milliseconds, double Rate)> MeasureAsync(
        Bench bench, IProduct product, double rate, int count, double roundTrip, CancellationToken cancellationToken)
    {
        await using OpenLane open = await bench.OpenAsync(roundTrip, cancellationToken);
        await using SideProgram worker = product.StartWorker(open.Lane, keepResults: true);
        StampFiles stamps = new(open.Lane.Folder, worker);
        await EnqueueMeasurement.ReportAsync(product, open.Lane, new ProducerJob { Kind = "pace", Rate = WarmUpRate, Count = WarmUp }, cancellationToken);
        await stamps.ReadAsync(WarmUp, cancellationToken);
        ProducerReport report = await EnqueueMeasurement.ReportAsync(product, open.Lane, new ProducerJob { Kind = "pace", Rate = rate, Count = count }, cancellationToken);
        return (await stamps.ReadAsync(count, cancellationToken), report.Rate);
    }

    private static double At(List<double> values, double quantile)
    {
        values.Sort();
        return values[(int)(quantile * (values.Count - 1))];
    }
}
