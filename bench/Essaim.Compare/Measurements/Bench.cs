using System.Globalization;

namespace Essaim.Compare;

/// <summary>What every measurement has: the Redis all contenders share, what was asked for, and where figures go.</summary>
internal sealed class Bench(CompareOptions options, RedisServer redis, Figures figures)
{
    private int _lanes;

    public CompareOptions Options => options;

    public RedisServer Redis => redis;

    public Figures Figures => figures;

    /// <summary>Each contender in turn, once a round, so that a slow minute of the machine hits all of them.</summary>
    public async Task EachAsync(IReadOnlyList<IProduct> products, Func<IProduct, Task> measure)
    {
        for (int round = 0; round < options.Rounds; round++)
        {
            foreach (IProduct product in products)
                await measure(product);
        }
    }

    /// <summary>Empties Redis and opens a way to it, as far away as asked for.</summary>
    public async Task<OpenLane> OpenAsync(double roundTrip, CancellationToken cancellationToken)
    {
        redis.Empty();
        string folder = Path.Combine(options.Folder, (++_lanes).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        if (roundTrip <= 0)
            return new OpenLane(new Lane(redis.Port, redis.Port, folder, options.Slots), null);
        (SideProgram proxy, int port) = await DelayingProxy.StartAsync(redis.Port, roundTrip / 2, cancellationToken);
        return new OpenLane(new Lane(port, redis.Port, folder, options.Slots), proxy);
    }
}

/// <summary>A lane, and the proxy that makes it long.</summary>
internal sealed class OpenLane(Lane lane, SideProgram? proxy) : IAsyncDisposable
{
    public Lane Lane => lane;

    public ValueTask DisposeAsync() => proxy?.DisposeAsync() ?? ValueTask.CompletedTask;
}
