using Essaim;

namespace MusicLibrary;

/// <summary>The eight queues with their character, and which task goes where.</summary>
internal static class Queues
{
    private static readonly QueueDefinition[] Definitions =
    [
        new("scan") { Class = QueueClass.Io, Priority = QueuePriority.High },
        new("extract") { Priority = QueuePriority.High },
        new("batch") { Class = QueueClass.Light, Priority = QueuePriority.High },
        // SQLite takes one writer at a time; who would wait for its lock had better do something else.
        new("insert") { Class = QueueClass.Db, Priority = QueuePriority.High, Concurrency = 1 },
        new("vector") { Class = QueueClass.Memory },
        new("deferred") { Priority = QueuePriority.Low },
        new("covers") { Class = QueueClass.Io, Priority = QueuePriority.Low },
        new("maintenance") { Class = QueueClass.Db, Priority = QueuePriority.Low },
    ];

    public static IReadOnlyList<string> All { get; } = [.. Definitions.Select(queue => queue.Name)];

    public static void Register(EssaimAppBuilder app) => Definitions.Aggregate(app, (builder, queue) => builder.AddQueue(queue))
        .AddHandler<DiscoveryHandler>(options => Put(options, "scan"))
        .AddHandler<ExtractBatchHandler>(options => Put(options, "extract"))
        .AddHandler<GroupBatchHandler>(options => Put(options, "batch"))
        .AddHandler<InsertTracksHandler>(options => Put(options, "insert"))
        .AddHandler<ComputeVectorHandler>(options => Put(options, "vector"))
        .AddHandler<RetryFailedHandler>(options => Put(options, "deferred"))
        .AddHandler<EnrichHandler>(options => Put(options, "deferred"))
        .AddHandler<FetchCoversHandler>(options => Put(options, "covers"))
        .AddHandler<RemoveOrphansHandler>(options => Put(options, "maintenance"))
        .AddHandler<VacuumHandler>(options => Put(options, "maintenance"));

    private static void Put(TaskOptions options, string queue)
    {
        options.Queue = queue;
        // What the library lacks is sent as often as somebody notices; once is enough.
        options.Unique = true;
        options.UniqueFor = TimeSpan.FromHours(1);
    }
}
