using System.Text.Json;

namespace Essaim.Compare;

/// <summary>How many tasks a second producers get rid of: one by one from 1 and 8 callers, and in bulk. No worker runs.</summary>
internal static class EnqueueMeasurement
{
    private const int ManyCallers = 8;

    public static async Task RunAsync(Bench bench, double roundTrip, CancellationToken cancellationToken)
    {
        IReadOnlyList<IProduct> families = Contenders.OnePerFamily(bench.Options.Products);
        foreach (int callers in (int[])[1, ManyCallers])
        {
            await bench.EachAsync(families, async product =>
            {
                double rate = await FloodAsync(bench, product, processes: 1, callers, batch: 1, roundTrip, cancellationToken);
                bench.Figures.Add(What.Enqueue(callers), product.Family, roundTrip, "tasks/s", rate);
                // Python's threads share one interpreter: what its callers reach as processes is shown too.
                if (callers > 1 && product is CeleryProduct)
                {
                    rate = await FloodAsync(bench, product, processes: callers, callers: 1, batch: 1, roundTrip, cancellationToken);
                    bench.Figures.Add(What.Enqueue(callers), $"{product.Family}, {callers} processes", roundTrip, "tasks/s", rate);
                }
            });
        }

        await bench.EachAsync(families, async product =>
        {
            double rate = await FloodAsync(bench, product, processes: 1, callers: 1, product.Bulk, roundTrip, cancellationToken);
            bench.Figures.Add(What.Bulk, product.Family, roundTrip, "tasks/s", rate);
        });
        if (families.Any(product => product.Bulk == 1))
            bench.Figures.Note("Celery has no call that sends many tasks: its figure for 1,000 a call is one producer in a loop.");
    }

    private static async Task<double> FloodAsync(
        Bench bench, IProduct product, int processes, int callers, int batch, double roundTrip, CancellationToken cancellationToken)
    {
        await using OpenLane open = await bench.OpenAsync(roundTrip, cancellationToken);
        ProducerJob job = new() { Kind = "flood", Callers = callers, Batch = batch, Seconds = bench.Options.Seconds, Warmup = batch > 1 ? 5 : 100 };
        ProducerReport[] reports = await Task.WhenAll(Enumerable.Range(0, processes).Select(_ => ReportAsync(product, open.Lane, job, cancellationToken)));
        return reports.Sum(report => report.Rate);
    }

    /// <summary>Starts a producer and waits for what it says.</summary>
    public static async Task<ProducerReport> ReportAsync(IProduct product, Lane lane, ProducerJob job, CancellationToken cancellationToken)
    {
        await using SideProgram producer = product.StartProducer(lane, job);
        return JsonSerializer.Deserialize<ProducerReport>(await producer.ReadLineAsync(cancellationToken), JsonSerializerOptions.Web)!;
    }
}
