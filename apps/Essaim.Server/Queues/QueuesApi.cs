using System.ComponentModel;
using System.Text.Json;
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
    [property: Description("How long the oldest waiting message has waited, seconds; null where none waits.")] double? OldestReadySeconds,
    [property: Description("Set where the queue is paused: why, by whom, since when.")] QueuePause? Paused);

/// <summary>Why a queue is to be paused.</summary>
internal sealed record PauseRequest(
    [property: Description("Why; shown to everyone who asks.")] string? Reason,
    [property: Description("Who pauses it. Default: api.")] string? By);

/// <summary>All queues, by name.</summary>
internal sealed record QueueListView(IReadOnlyList<QueueView> Queues);

/// <summary>What a purge did.</summary>
internal sealed record PurgeReceipt(string Queue, [property: Description("Messages removed.")] int Removed);

/// <summary>Queues.</summary>
internal static class QueuesApi
{
    private const int MostText = 1000;

    public static void MapQueues(this IEndpointRouteBuilder v1)
    {
        RouteGroupBuilder queues = v1.MapGroup("/queues").WithTags("Queues");
        queues.MapGet("/", ListAsync).WithName("list_queues").WithSummary("List queues with their depth and age").Produces<QueueListView>().ProducesProblem(400);
        queues.MapDelete("/{name}/messages", PurgeAsync).WithName("purge_queue").WithSummary("Remove what waits in a queue")
            .WithDescription("Removes ready and delayed messages, not those that run. It cannot be undone.")
            .Produces<PurgeReceipt>().ProducesProblem(400).ProducesProblem(404);
        queues.MapPost("/{name}/pause", PauseAsync).WithName("pause_queue").WithSummary("Pause a queue")
            .WithDescription("It takes messages and gives none until it is resumed; what runs goes on. A queue nobody used yet can be paused ahead.")
            .Accepts<PauseRequest>(isOptional: true, "application/json").Produces<QueueView>()
            .ProducesProblem(400).ProducesProblem(415).ProducesProblem(422);
        queues.MapPost("/{name}/resume", ResumeAsync).WithName("resume_queue").WithSummary("End the pause of a queue").Produces<QueueView>();
    }

    private static async Task<IResult> PauseAsync(string name, HttpContext context, IBackend backend, TimeProvider time, CancellationToken cancellationToken)
    {
        (string? reason, string? by) = (null, null);
        if (context.Request.ContentType is not null || context.Request.ContentLength > 0)
        {
            using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
            List<Mistake> mistakes = [];
            ObjectReader reader = new(body.RootElement, "$", mistakes);
            (reason, by) = (reader.Text("reason", MostText), reader.Text("by", MostText));
            reader.Finish();
            if (mistakes.Count > 0)
                return Problem.Invalid(mistakes);
        }

        await backend.Broker.SetPauseAsync(name, new QueuePause(reason ?? "", by ?? "api", time.GetUtcNow()), cancellationToken);
        return await ShowAsync(name, backend, time, cancellationToken);
    }

    private static async Task<IResult> ResumeAsync(string name, IBackend backend, TimeProvider time, CancellationToken cancellationToken)
    {
        await backend.Broker.SetPauseAsync(name, null, cancellationToken);
        return await ShowAsync(name, backend, time, cancellationToken);
    }

    private static async Task<IResult> ShowAsync(string name, IBackend backend, TimeProvider time, CancellationToken cancellationToken)
    {
        IReadOnlyList<QueueStatus> queues = await backend.Broker.GetQueuesAsync(cancellationToken);
        return TypedResults.Ok(Describe(queues.First(queue => queue.Name == name), time.GetUtcNow()));
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
        queue.Name, queue.Ready, queue.Delayed, queue.InFlight, queue.Dead, queue.OldestReady is { } oldest ? Math.Max(0, Math.Round((now - oldest).TotalSeconds, 3)) : null,
        queue.Paused);
}
