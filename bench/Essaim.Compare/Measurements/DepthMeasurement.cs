namespace Essaim.Compare;

/// <summary>
/// What a task costs while millions wait, against what it costs while few do. Both queues are kept at their depth while the worker works:
/// a filler pushes as many messages as are taken, the same work in both cases.
/// </summary>
internal static class DepthMeasurement
{
    private const int Shallow = 10_000;
    private static readonly TimeSpan FillStep = TimeSpan.FromMilliseconds(5);

    public static async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        IProduct? product = bench.Options.Products.FirstOrDefault(product => product is EssaimProduct);
        if (product is null)
            throw new UsageException("depth measures Essaim: name one of its contenders with --products.");
        for (int round = 0; round < bench.Options.Rounds; round++)
        {
            Throughput shallow = await MeasureAsync(bench, product, Shallow, cancellationToken);
            bench.Figures.Add(What.Depth(Shallow), product.Name, 0, "tasks/s", shallow.Rate);
            Throughput deep = await MeasureAsync(bench, product, bench.Options.Deep, cancellationToken);
            bench.Figures.Add(What.Depth(bench.Options.Deep), product.Name, 0, "tasks/s", deep.Rate);
            bench.Figures.Add(What.DepthCost, product.Name, 0, "×", shallow.Rate / deep.Rate);
            bench.Figures.Add(What.DepthRedisCost, product.Name, 0, "×", deep.RedisCpu / shallow.RedisCpu);
        }
    }

    private static async Task<Throughput> MeasureAsync(Bench bench, IProduct product, int depth, CancellationToken cancellationToken)
    {
        await using OpenLane open = await bench.OpenAsync(0, cancellationToken);
        await product.FillAsync(open.Lane, 1, keepResults: true, cancellationToken);
        using RawRedis filling = bench.Redis.Connect();
        EnvelopeCopier copier = EnvelopeCopier.Multiply(filling, EssaimProduct.Queue, depth);
        Figures.Progress($"{depth:N0} messages wait");
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long pushed = depth;
        Task filler = Task.Run(
            async () =>
            {
                while (!end.IsCancellationRequested)
                {
                    int missing = (int)(depth - filling.Number("LLEN", EssaimProduct.Queue));
                    if (missing > 0)
                        copier.Push(filling, missing);
                    Interlocked.Add(ref pushed, Math.Max(0, missing));
                    await Task.Delay(FillStep, TimeProvider.System, CancellationToken.None);
                }
            },
            CancellationToken.None);
        try
        {
            using RawRedis counting = bench.Redis.Connect();
            await using SideProgram worker = product.StartWorker(open.Lane, keepResults: true);
            // "Left" falls from 0 as tasks are done: pushed so far, less what waits or runs.
            return await ThroughputSampler.WatchAsync(
                () => product.CountLeft(counting) - Interlocked.Read(ref pushed),
                filled: 0,
                product.WarmUp,
                TimeSpan.FromSeconds(bench.Options.Seconds),
                worker,
                bench.Redis.ProcessId,
                cancellationToken);
        }
        finally
        {
            await end.CancelAsync();
            await filler;
        }
    }
}
