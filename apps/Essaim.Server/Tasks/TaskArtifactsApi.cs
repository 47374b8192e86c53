using System.ComponentModel;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>A file a task has left.</summary>
internal sealed record ArtifactView(
    [property: Description("Its name, with / between folders.")] string Path,
    long Size,
    string? Title,
    [property: Description("SHA-256 of its content; null where it was not collected.")] string? Sha256);

/// <summary>Something a task has left that was not kept.</summary>
internal sealed record SkippedView(string Path, string Reason);

/// <summary>What a task has left.</summary>
internal sealed record ArtifactListView(string Id, IReadOnlyList<ArtifactView> Artifacts, IReadOnlyList<SkippedView> Skipped);

/// <summary>The files tasks have left.</summary>
internal static class TaskArtifactsApi
{
    public static void MapTaskArtifacts(this IEndpointRouteBuilder tasks)
    {
        tasks.MapGet("/{id}/artifacts", ListAsync).WithName("list_artifacts").WithSummary("List the files a task has left")
            .WithDescription("Files of functions that were sent with collect, kept as long as the result. Empty where it left none, or they have expired.")
            .Produces<ArtifactListView>().ProducesProblem(400).ProducesProblem(404);
        tasks.MapGet("/{id}/artifacts/{**path}", GetAsync).WithName("get_artifact").WithSummary("Get a file a task has left")
            .WithDescription("Always as a download, whatever it contains. The ETag is the SHA-256 of its content, which was compared with it.")
            .Produces<byte[]>(200, "application/octet-stream").ProducesProblem(400).ProducesProblem(404);
    }

    private static async Task<IResult> ListAsync(
        string id, HttpContext context, IBackend backend, TaskSubmitter tasks, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        TaskLeavings? leavings = await TaskLeavings.ReadAsync(backend, id, cancellationToken);
        if (leavings is null && !await tasks.IsKnownAsync(TaskRecord.DefaultTenant, id, cancellationToken))
            return Problem.NoTask(id);
        return TypedResults.Ok(new ArtifactListView(
            id,
            [.. leavings?.Artifacts.Select(artifact => new ArtifactView(artifact.Path, artifact.Size, artifact.Title, artifact.Blob)) ?? []],
            [.. leavings?.Skipped.Select(entry => new SkippedView(entry.Path, entry.Reason)) ?? []]));
    }

    private static async Task<IResult> GetAsync(string id, string path, HttpContext context, IBackend backend, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        // A name is looked for in the list and is nothing else: no folder is ever entered.
        TaskLeavings? leavings = await TaskLeavings.ReadAsync(backend, id, cancellationToken);
        TaskArtifact? artifact = leavings?.Artifacts.FirstOrDefault(one => one.Path == path);
        if (artifact?.Blob is not { } blob || await backend.Blobs.GetAsync(blob, cancellationToken) is not { } content)
        {
            return Problem.Of(
                404, "ESS6045", "No such file",
                $"The task '{id}' has left no file '{path}' that is still kept. GET /v1/tasks/{id}/artifacts lists those there are.");
        }

        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        context.Response.Headers.CacheControl = "private, no-store";
        return TypedResults.Bytes(
            content, "application/octet-stream", artifact.Path.Split('/')[^1], entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue($"\"{blob}\""));
    }
}
