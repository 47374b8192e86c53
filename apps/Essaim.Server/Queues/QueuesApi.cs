using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>One queue in numbers.</summary>
internal sealed record QueueView(
    string Name,
    [property: Description("Messages waiting.")] long Ready,
    [property: Description("Messages waiting for their time.")] long Delayed,
    [property: Description("Messages with workers.")] long InFlight,
    [property: Description("Dead letters.")] long Dead,
    [property: Description("How long the oldest waiting message has waited, seconds; null where none waits.")] double? OldestReadySeconds);

/// <summary>All queues, by name.</summary>
internal sealed record QueueListView(IReadOnlyList<QueueView> Queues);

/// <summary>What a purge did.</summary>
internal sealed record PurgeReceipt(string Queue, [property: Description("Messages removed.")] int Removed);

/// <summary>Queues.</summary>
internal static class QueuesApi
{
    public static void MapQueues(this IEndpointRouteBuilder v1)
    {
        RouteGroupBuilder queues = v1.MapGroup("/queues").WithTags("Queues");
        queues.MapGet("/", ListAsync).WithName("list_queues").WithSummary("List queues with their depth and age").Produces<QueueListView>().ProducesProblem(400);
        queues.MapDelete("/{name}/messages", PurgeAsync).WithName("purge_queue").WithSummary("Remove what waits in a queue")
            .WithDescription("Removes ready and delayed messages, not those that run. It cannot be undone.")
            .Produces<PurgeReceipt>().ProducesProblem(400).ProducesProblem(404);
    }

    private static async Task<Ok<QueueListView>> ListAsync(HttpContext context, IBackend backend, TimeProvider time, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<QueueStatus> queues = await backend.Broker.GetQueuesAsync(cancellationToken);
        return TypedResults.Ok(new QueueListView([.. queues.OrderBy(queue => queue.Name, StringComparer.Ordinal).Select(queue => Describe(queue, now))]));
    }

    private static async Task<IResult> PurgeAsync(string name, HttpContext context, IBackend backend, PurgedTasks purged, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        int removed = await backend.Broker.PurgeAsync(name, cancellationToken);
        if (removed == 0 && (await backend.Broker.GetQueuesAsync(cancellationToken)).All(queue => queue.Name != name))
            return Problem.Of(404, "ESS5024", "No such queue", $"The broker has no queue '{name}'. GET /v1/queues lists those it has.");
        if (removed > 0)
            await purged.RecordAsync(name, CancellationToken.None);
        return TypedResults.Ok(new PurgeReceipt(name, removed));
    }

    private static QueueView Describe(QueueStatus queue, DateTimeOffset now) => new(
        queue.Name, queue.Ready, queue.Delayed, queue.InFlight, queue.Dead, queue.OldestReady is { } oldest ? Math.Max(0, Math.Round((now - oldest).TotalSeconds, 3)) : null);
}
