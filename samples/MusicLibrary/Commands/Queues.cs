using Essaim;

namespace MusicLibrary;

/// <summary>The eight queues, most urgent first, and which task goes where: 0 is the highest priority, 9 the lowest.</summary>
internal static class Queues
{
    public static IReadOnlyList<string> All { get; } = ["scan", "extract", "batch", "insert", "vector", "deferred", "covers", "maintenance"];

    public static void Register(EssaimAppBuilder app) => app
        .AddHandler<DiscoveryHandler>(options => Put(options, "scan", 0))
        .AddHandler<ExtractBatchHandler>(options => Put(options, "extract", 0))
        .AddHandler<GroupBatchHandler>(options => Put(options, "batch", 0))
        .AddHandler<InsertTracksHandler>(options => Put(options, "insert", 0))
        .AddHandler<ComputeVectorHandler>(options => Put(options, "vector", 5))
        .AddHandler<RetryFailedHandler>(options => Put(options, "deferred", 9))
        .AddHandler<EnrichHandler>(options => Put(options, "deferred", 9))
        .AddHandler<FetchCoversHandler>(options => Put(options, "covers", 9))
        .AddHandler<RemoveOrphansHandler>(options => Put(options, "maintenance", 9))
        .AddHandler<VacuumHandler>(options => Put(options, "maintenance", 9));

    private static void Put(TaskOptions options, string queue, int priority)
    {
        options.Queue = queue;
        options.Priority = priority;
        // What the library lacks is sent as often as somebody notices; once is enough.
        options.Unique = true;
        options.UniqueFor = TimeSpan.FromHours(1);
    }
}
