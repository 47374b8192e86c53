using System.ComponentModel;
using Essaim.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>A periodic schedule and where it stands.</summary>
internal sealed record ScheduleView(
    string Name,
    [property: Description("False while paused.")] bool Enabled,
    [property: Description("What and when.")] RawJson Definition,
    DateTimeOffset? NextRun,
    DateTimeOffset? LastRun,
    string? LastTaskId);

/// <summary>All schedules, by name.</summary>
internal sealed record ScheduleListView(IReadOnlyList<ScheduleView> Schedules);

/// <summary>Schedules.</summary>
internal static class SchedulesApi
{
    public static void MapSchedules(this IEndpointRouteBuilder v1) =>
        v1.MapGet("/schedules", ListAsync).WithTags("Schedules").WithName("list_schedules").WithSummary("List periodic schedules").Produces<ScheduleListView>().ProducesProblem(400);

    private static async Task<Ok<ScheduleListView>> ListAsync(HttpContext context, IBackend backend, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        IReadOnlyList<ScheduleRecord> schedules = await backend.Schedules.ListAsync(cancellationToken);
        return TypedResults.Ok(new ScheduleListView(
        [
            .. schedules.Select(schedule => new ScheduleView(
                schedule.Name, schedule.Enabled, schedule.Definition, schedule.NextRun, schedule.LastRun, schedule.LastTaskId)),
        ]));
    }
}
