namespace Essaim.Compare;

/// <summary>One contender: how its worker and its producers are started, and how one sees from outside how far it is.</summary>
internal interface IProduct
{
    /// <summary>The word for it on the command line and in the table.</summary>
    string Name { get; }

    /// <summary>Contenders of one family send tasks in the same way.</summary>
    string Family { get; }

    /// <summary>About how many no-op tasks a second it does: how many to queue for a measurement, never a result.</summary>
    int ExpectedRate { get; }

    /// <summary>Most calls one bulk call takes here; 1 where the product has none.</summary>
    int Bulk { get; }

    /// <summary>Tasks after which its worker counts as warm.</summary>
    int WarmUp { get; }

    SideProgram StartWorker(Lane lane, bool keepResults);

    SideProgram StartProducer(Lane lane, ProducerJob job);

    /// <summary>Queues no-op tasks for <see cref="StartWorker"/>.</summary>
    Task FillAsync(Lane lane, int count, bool keepResults, CancellationToken cancellationToken);

    /// <summary>How many wait or run.</summary>
    long CountLeft(RawRedis redis);
}

/// <summary>Where a contender runs.</summary>
/// <param name="Port">The port it connects to: Redis, or the delaying proxy before it.</param>
/// <param name="RedisPort">Redis itself.</param>
/// <param name="Folder">For what its tasks write.</param>
/// <param name="Slots">Child processes or threads, where the product has them (<c>-c</c>).</param>
internal sealed record Lane(int Port, int RedisPort, string Folder, int Slots)
{
    public string Url => $"redis://127.0.0.1:{Port}/0";
}

/// <summary>What a producer does.</summary>
internal sealed record ProducerJob
{
    /// <summary><c>flood</c>: as fast as it can for <see cref="Seconds"/>; <c>pace</c>: <see cref="Count"/> stamped tasks at <see cref="Rate"/>.</summary>
    public required string Kind { get; init; }

    public int Callers { get; init; } = 1;

    public int Batch { get; init; } = 1;

    public double Seconds { get; init; }

    public double Rate { get; init; }

    public int Count { get; init; }

    public int Warmup { get; init; } = 50;

    public bool Keep { get; init; } = true;
}

/// <summary>What a producer says at its end.</summary>
internal sealed record ProducerReport(long Sent, double Seconds)
{
    public double Rate => Sent / Seconds;
}
