using System.ComponentModel;
using System.Globalization;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Essaim.Server;

/// <summary>The kept log of a task: all of it, or live from an offset on.</summary>
internal static class TaskLogApi
{
    private const int PiecesAtOnce = 64;

    public static void MapTaskLog(this IEndpointRouteBuilder tasks)
    {
        tasks.MapGet("/{id}/log", GetAsync).WithName("get_log").WithSummary("Get what a task has written, from an offset on")
            .WithDescription(
                "Bytes as they were written, stdout and stderr in order, as text; kept as long as the result. The header Essaim-Log-Next says where to go on: "
                + "ask again with ?from= that. Functions have a log; of other tasks it is empty (see events).")
            .Produces<string>(200, "text/plain").ProducesProblem(400).ProducesProblem(404);
        tasks.MapGet("/{id}/log/events", StreamAsync).WithName("follow_log").WithSummary("Follow what a task writes: server-sent events")
            .WithDescription(
                "Events: output, error, note, each with text (or base64, where it is no UTF-8 by itself) and an id, the offset behind it; gap where something is not "
                + "kept any more; end after the last. Last-Event-ID, or ?from=, goes on just there: nothing is lost or doubled.")
            .Produces<string>(200, "text/event-stream").ProducesProblem(400).ProducesProblem(404);
    }

    private static async Task<IResult> GetAsync(
        string id,
        [Description("Bytes before the first that is wanted. Default 0.")] string? from,
        HttpContext context,
        IBackend backend,
        TaskSubmitter tasks,
        CancellationToken cancellationToken)
    {
        QueryReader reader = new(context.Request.Query);
        long at = ReadOffset(reader);
        reader.Finish();
        TaskLogState? state = await backend.Logs.FindAsync(id, cancellationToken);
        if (state is null && !await tasks.IsKnownAsync(TaskRecord.DefaultTenant, id, cancellationToken))
            return Problem.NoTask(id);
        using MemoryStream text = new();
        while (await backend.Logs.ReadAsync(id, at, PiecesAtOnce, TimeSpan.Zero, cancellationToken) is { Count: > 0 } pieces)
        {
            foreach (TaskLogPiece piece in pieces)
                text.Write(piece.Bytes.Span);
            at = pieces[^1].End;
        }

        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Essaim-Log-Next"] = at.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Bytes(text.ToArray(), "text/plain; charset=utf-8");
    }

    private static async Task<IResult> StreamAsync(
        string id,
        [Description("Bytes before the first that is wanted; Last-Event-ID is stronger. Default 0.")] string? from,
        HttpContext context,
        IBackend backend,
        IMetadataStore store,
        TaskSubmitter tasks,
        IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken)
    {
        QueryReader reader = new(context.Request.Query);
        long at = ReadOffset(reader);
        reader.Finish();
        string given = context.Request.Headers["Last-Event-ID"].ToString();
        if (given.Length > 0 && !long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out at))
            return Problem.InvalidQuery([new Mistake("Last-Event-ID", $"must be the id of an event of this stream, a whole number, not '{given}'")]);
        if (await backend.Logs.FindAsync(id, cancellationToken) is null && !await tasks.IsKnownAsync(TaskRecord.DefaultTenant, id, cancellationToken))
            return Problem.NoTask(id);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await new TaskLogStream(context.Response, backend, store.Tasks).RunAsync(id, at, stop.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The stream just ends; the client comes back with its Last-Event-ID.
        }

        return TypedResults.Empty;
    }

    private static long ReadOffset(QueryReader reader)
    {
        if (reader.Text("from") is not { } text)
            return 0;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long at))
            return at;
        reader.Fail("from", $"must be how many bytes come before, a whole number, not '{text}'");
        return 0;
    }
}
