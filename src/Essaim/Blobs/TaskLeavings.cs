using System.Text.Json;
using System.Text.Json.Serialization;

namespace Essaim;

/// <summary>A file a task has left.</summary>
/// <param name="Path">Its name, with <c>/</c> between folders.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Title">What the task calls it; null without.</param>
/// <param name="Blob">Its content in the broker; null where nobody asked for it.</param>
internal sealed record TaskArtifact(string Path, long Size, string? Title, string? Blob);

/// <summary>What a task has left and was not kept.</summary>
internal sealed record SkippedArtifact(string Path, string Reason);

/// <summary>
/// The files a task has left, beside its result: the list is a blob, and the mark of the task's log says which. So the result stays what the task
/// returned, for every caller.
/// </summary>
internal sealed record TaskLeavings(IReadOnlyList<TaskArtifact> Artifacts, IReadOnlyList<SkippedArtifact> Skipped)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Keeps the list; returns its blob.</summary>
    public ValueTask<string> WriteAsync(IBlobStore blobs, TimeSpan keep, CancellationToken cancellationToken) =>
        blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(this, Json), keep, cancellationToken);

    /// <summary>The list of a blob; null where it is gone or none.</summary>
    public static async ValueTask<TaskLeavings?> ReadBlobAsync(IBlobStore blobs, string id, CancellationToken cancellationToken)
    {
        if (await blobs.GetAsync(id, cancellationToken) is not { } bytes)
            return null;
        try
        {
            return JsonSerializer.Deserialize<TaskLeavings>(bytes.Span, Json) is { Artifacts: not null, Skipped: not null } leavings ? leavings : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What a task has left; null where it left nothing, or it has expired.</summary>
    public static async ValueTask<TaskLeavings?> ReadAsync(IBackend backend, string taskId, CancellationToken cancellationToken) =>
        await backend.Logs.FindAsync(taskId, cancellationToken) is { } state && RunMark.Parse(state.Mark) is { Left: { } id }
            ? await ReadBlobAsync(backend.Blobs, id, cancellationToken)
            : null;
}
