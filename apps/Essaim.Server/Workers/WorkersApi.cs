using System.ComponentModel;
using System.Text.Json;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>A worker as it was last heard of.</summary>
internal sealed record WorkerView
{
    public const string Online = "online", Late = "late", Offline = "offline";

    [Description("name@host.")]
    public required string Node { get; init; }

    [Description("online; late: some heartbeats are missing; offline: it said good-bye, or three heartbeats are missing and it has been silent for a minute.")]
    public required string Status { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    [Description("Tasks it runs.")]
    public int? Active { get; init; }

    [Description("Tasks it has accepted since its start.")]
    public long? Processed { get; init; }

    public int? Pid { get; init; }

    [Description("Its software, such as essaim or py-celery.")]
    public string? Software { get; init; }

    public string? Version { get; init; }

    [Description("What runs its tasks, where it says so.")]
    public string? Pool { get; init; }

    [Description("What it says of itself: name to value; true for a bare label.")]
    public JsonElement? Labels { get; init; }

    [Description("What its machine is: arch, cores, memory (bytes), model.")]
    public JsonElement? Facts { get; init; }

    [Description("What functions run in there, by name: executor, offered, missing (why it is not), soft (limits the kernel does not hold), advice.")]
    public JsonElement? Environments { get; init; }

    [Description("now, min, max.")]
    public JsonElement? Slots { get; init; }

    [Description("Queues it serves.")]
    public IReadOnlyList<string>? Queues { get; init; }

    [Description("The configuration it applies: version, revision, origin, and how its own source stands (published, behind, conflict).")]
    public JsonElement? Config { get; init; }

    [Description("False where it applies another configuration 30 s after one was published; absent where it does not say.")]
    public bool? InSync { get; init; }

    [Description("Tasks it has in hand that have not begun.")]
    public int? Waiting { get; init; }

    [Description("Child processes.")]
    public int? Children { get; init; }

    [Description("Resident bytes, children included.")]
    public long? Memory { get; init; }

    [Description("Share of one core since the heartbeat before, children included.")]
    public double? Cpu { get; init; }

    [Description("Of the processor, degrees Celsius.")]
    public double? Temperature { get; init; }

    [Description("What holds the processor back now: under-voltage, capped, throttled, hot.")]
    public IReadOnlyList<string>? Throttled { get; init; }
}

/// <summary>Workers heard of within a day, by name.</summary>
internal sealed record WorkerListView(IReadOnlyList<WorkerView> Workers);

/// <summary>Workers, from their heartbeats.</summary>
internal static class WorkersApi
{
    private const double DefaultHeartbeat = 2;
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);
    private static readonly TimeSpan Silent = TimeSpan.FromMinutes(1);

    public static void MapWorkers(this IEndpointRouteBuilder v1) =>
        v1.MapGet("/workers", ListAsync).WithTags("Workers").WithName("list_workers").WithSummary("List workers heard of within a day").Produces<WorkerListView>().ProducesProblem(400);

    private static async Task<Ok<WorkerListView>> ListAsync(HttpContext context, IMetadataStore store, LiveConfiguration live, TimeProvider time, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<WorkerRecord> workers = await store.Workers.ListAsync(now - Remembered, cancellationToken);
        return TypedResults.Ok(new WorkerListView([.. workers.Select(worker => Describe(worker, now)).Select(worker => worker with { InSync = worker.Config is null ? null : ConfigDrift.Judge(worker, live, now).InSync })]));
    }

    /// <summary>A worker as its last heartbeat tells of it.</summary>
    internal static WorkerView Describe(WorkerRecord worker, DateTimeOffset now)
    {
        using JsonDocument facts = JsonDocument.Parse(worker.Facts.Utf8);
        return new WorkerView
        {
            Node = worker.Node,
            Status = Judge(worker, Number(facts, "freq") ?? DefaultHeartbeat, now),
            FirstSeen = worker.FirstSeen,
            LastSeen = worker.LastSeen,
            Active = (int?)Number(facts, "active"),
            Processed = (long?)Number(facts, "processed"),
            Pid = (int?)Number(facts, "pid"),
            Software = Text(facts, "sw_ident"),
            Version = Text(facts, "sw_ver"),
            Pool = Text(facts, "pool"),
            Labels = Object(facts, "labels"),
            Facts = Object(facts, "facts"),
            Environments = Object(facts, "environments"),
            Slots = Object(facts, "slots"),
            Queues = Texts(facts, "queues"),
            Config = Object(facts, "config"),
            Waiting = (int?)Number(facts, "waiting"),
            Children = (int?)Number(facts, "children"),
            Memory = (long?)Number(facts, "memory"),
            Cpu = Number(facts, "cpu"),
            Temperature = Number(facts, "temperature"),
            Throttled = Texts(facts, "throttled"),
        };
    }

    private static string Judge(WorkerRecord worker, double heartbeat, DateTimeOffset now)
    {
        TimeSpan silence = now - worker.LastSeen;
        // As rare as it says they are: a Pi may send one in five minutes.
        TimeSpan period = TimeSpan.FromSeconds(Math.Clamp(heartbeat, 1, 86_400));
        if (worker.Offline || silence > Silent && silence > 3 * period)
            return WorkerView.Offline;
        return silence > 2 * period + TimeSpan.FromSeconds(1) ? WorkerView.Late : WorkerView.Online;
    }

    private static double? Number(JsonDocument facts, string name) =>
        facts.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static JsonElement? Object(JsonDocument facts, string name) =>
        facts.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value.Clone() : null;

    private static IReadOnlyList<string>? Texts(JsonDocument facts, string name) =>
        facts.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : null;

    private static string? Text(JsonDocument facts, string name) =>
        facts.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
