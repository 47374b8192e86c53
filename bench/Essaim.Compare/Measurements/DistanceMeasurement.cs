namespace Essaim.Compare;

/// <summary>Enqueue, process and latency once beside Redis and once with 2 ms added to each round trip.</summary>
internal static class DistanceMeasurement
{
    public const double RoundTrip = 2;

    public static async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        double far = bench.Options.RoundTrip > 0 ? bench.Options.RoundTrip : RoundTrip;
        foreach (double roundTrip in (double[])[0, far])
        {
            if (bench.Figures.All.All(figure => figure.RoundTrip > 0 || figure.What != What.Bulk) || roundTrip > 0)
                await EnqueueMeasurement.RunAsync(bench, roundTrip, cancellationToken);
            if (bench.Figures.All.All(figure => figure.RoundTrip > 0 || figure.What != What.Process(keep: true)) || roundTrip > 0)
                await ProcessMeasurement.RunAsync(bench, roundTrip, cancellationToken);
            if (bench.Figures.All.All(figure => figure.RoundTrip > 0 || figure.What != What.IdleP50) || roundTrip > 0)
                await LatencyMeasurement.RunAsync(bench, roundTrip, cancellationToken);
        }
    }
}
