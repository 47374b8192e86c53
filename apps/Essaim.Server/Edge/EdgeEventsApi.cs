using System.Text;
using System.Text.Json;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Essaim.Server;

/// <summary>Devices and the current round, live, as server-sent events: the whole picture each time it changes.</summary>
internal static class EdgeEventsApi
{
    private static readonly TimeSpan s_atMost = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(15);

    public static void MapEdgeEvents(this IEndpointRouteBuilder v1) =>
        v1.MapGet("/edge/events", StreamAsync).WithTags("Devices").WithName("follow_edge").WithSummary("Follow devices and the current round as server-sent events")
            .WithDescription("Event state: devices, the current round and its votes, whenever something changed, four times a second at most. A comment comes every 15 s.")
            .Produces<string>(200, "text/event-stream").ProducesProblem(400);

    private static async Task<IResult> StreamAsync(
        HttpContext context, IMetadataStore store, DeviceBoard board, TimeProvider time, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await WriteAsync(context.Response, "retry: 2000\n\n", stop.Token);
            while (true)
            {
                Task changed = board.ChangedAsync();
                await WriteAsync(context.Response, $"event: state\ndata: {JsonSerializer.Serialize(await ReadAsync(store, board, stop.Token), ApiJson.Options)}\n\n", stop.Token);
                await Task.Delay(s_atMost, time, stop.Token);
                while (await Task.WhenAny(changed, Task.Delay(s_heartbeat, time, stop.Token)) != changed)
                {
                    stop.Token.ThrowIfCancellationRequested();
                    await WriteAsync(context.Response, ": waiting\n\n", stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The stream just ends; the client comes back.
        }

        return TypedResults.Empty;
    }

    private static async Task<EdgeView> ReadAsync(IMetadataStore store, DeviceBoard board, CancellationToken cancellationToken)
    {
        DeviceListView devices = await DevicesApi.ReadAsync(store, board, cancellationToken);
        RoundRecord? round = await store.Edge.CurrentRoundAsync(cancellationToken);
        IReadOnlyList<VoteRecord> votes = round is null ? [] : await store.Edge.ListVotesAsync(round.Id, cancellationToken);
        return new EdgeView(devices.Devices, devices.Linked, devices.LinkError, round is null ? null : RoundView.Of(round), [.. votes.Select(VoteView.Of)]);
    }

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
