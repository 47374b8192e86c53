namespace Essaim.Compare;

/// <summary>The measurements, by the name they are called with.</summary>
internal static class Suite
{
    public static IReadOnlyDictionary<string, Func<Bench, CancellationToken, Task>> Measurements { get; } = new Dictionary<string, Func<Bench, CancellationToken, Task>>
    {
        ["enqueue"] = (bench, stop) => EnqueueMeasurement.RunAsync(bench, bench.Options.RoundTrip, stop),
        ["process"] = (bench, stop) => ProcessMeasurement.RunAsync(bench, bench.Options.RoundTrip, stop),
        ["latency"] = (bench, stop) => LatencyMeasurement.RunAsync(bench, bench.Options.RoundTrip, stop),
        ["distance"] = DistanceMeasurement.RunAsync,
        ["depth"] = DepthMeasurement.RunAsync,
        ["replay"] = ReplayMeasurement.RunAsync,
        ["all"] = AllAsync,
    };

    public static async Task<int> RunAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        bool ownFolder = !Directory.Exists(options.Folder);
        Figures figures = new();
        try
        {
            await using RedisServer redis = await RedisServer.StartAsync(Path.Combine(options.Folder, "redis"), cancellationToken);
            await Measurements[options.Measurement](new Bench(options, redis, figures), cancellationToken);
        }
        finally
        {
            // What was measured before something went wrong is shown all the same.
            Console.WriteLine(options.Json ? JsonReport.Write(figures) : TextReport.Write(figures));
            if (ownFolder && Directory.Exists(options.Folder))
                Directory.Delete(options.Folder, recursive: true);
        }

        return 0;
    }

    private static async Task AllAsync(Bench bench, CancellationToken cancellationToken)
    {
        await DistanceMeasurement.RunAsync(bench, cancellationToken);
        if (!bench.Options.Products.Any(product => product is EssaimProduct))
            return;
        await DepthMeasurement.RunAsync(bench, cancellationToken);
        await ReplayMeasurement.RunAsync(bench, cancellationToken);
    }
}
