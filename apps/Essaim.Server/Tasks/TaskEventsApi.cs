using System.Globalization;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Essaim.Server;

/// <summary>What happens to a task, live, as server-sent events.</summary>
internal static class TaskEventsApi
{
    public static void MapTaskEvents(this IEndpointRouteBuilder tasks) =>
        tasks.MapGet("/{id}/events", StreamAsync).WithName("follow_task").WithSummary("Follow a task: states, progress and log lines as server-sent events")
            .WithDescription(
                "Events: state, progress, log, each with an id; gap where lines are no longer kept; end after the last. Resume with Last-Event-ID. "
                + "A comment comes every 15 s so that proxies keep the connection.")
            .Produces<string>(200, "text/event-stream").ProducesProblem(400).ProducesProblem(404);

    private static async Task<IResult> StreamAsync(
        string id,
        HttpContext context,
        IMetadataStore store,
        TaskSubmitter tasks,
        TaskSignals signals,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        string given = context.Request.Headers["Last-Event-ID"].ToString();
        long after = 0;
        if (given.Length > 0 && !long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            return Problem.InvalidQuery([new Mistake("Last-Event-ID", $"must be the id of an event of this stream, a whole number, not '{given}'")]);
        if (!await tasks.IsKnownAsync(TaskRecord.DefaultTenant, id, cancellationToken))
            return Problem.NoTask(id);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await new TaskEventStream(context.Response, store.Tasks, signals, time).RunAsync(id, after, stop.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The stream just ends; the client comes back with its Last-Event-ID.
        }

        return TypedResults.Empty;
    }
}
