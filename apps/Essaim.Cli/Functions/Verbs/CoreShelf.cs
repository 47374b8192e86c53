using System.Text.Json;

namespace Essaim.Cli;

/// <summary>Files through a core: for those who may not talk to its broker.</summary>
internal sealed class CoreShelf(CoreClient core) : IFileShelf
{
    public async Task<string> PutAsync(ReadOnlyMemory<byte> content, TimeSpan timeLimit, CancellationToken cancellationToken) =>
        (await core.UploadAsync("v1/files", content, cancellationToken)).GetProperty("sha256").GetString()!;

    public async Task<TaskLeavings?> ListAsync(string taskId, CancellationToken cancellationToken)
    {
        JsonElement list = await core.SendAsync(HttpMethod.Get, AddressOf(taskId), cancellationToken);
        TaskLeavings leavings = new(
            [.. list.GetProperty("artifacts").EnumerateArray().Select(one => new TaskArtifact(
                one.GetProperty("path").GetString()!, one.GetProperty("size").GetInt64(), one.GetProperty("title").GetString(), one.GetProperty("sha256").GetString()))],
            [.. list.GetProperty("skipped").EnumerateArray().Select(one => new SkippedArtifact(one.GetProperty("path").GetString()!, one.GetProperty("reason").GetString()!))]);
        return leavings.Artifacts.Count + leavings.Skipped.Count > 0 ? leavings : null;
    }

    public async Task<ReadOnlyMemory<byte>?> GetAsync(string taskId, TaskArtifact artifact, CancellationToken cancellationToken)
    {
        try
        {
            byte[] content = await core.DownloadAsync($"{AddressOf(taskId)}/{string.Join('/', artifact.Path.Split('/').Select(Uri.EscapeDataString))}", cancellationToken);
            return BlobContent.IsWhole(artifact.Blob!, content) ? content : throw BlobException.Damaged(artifact.Blob!);
        }
        catch (AppException gone) when (gone.ExitCode == ExitCodes.NotFound)
        {
            return null;
        }
    }

    private static string AddressOf(string taskId) => $"v1/tasks/{Uri.EscapeDataString(taskId)}/artifacts";
}
