namespace Essaim.Cli;

/// <summary>Files in the broker.</summary>
internal sealed class BrokerShelf(IBackend backend) : IFileShelf
{
    // Longer than most queues: what waits longer than this is sent again.
    private static readonly TimeSpan InputsKept = TimeSpan.FromDays(1);

    public async Task<string> PutAsync(ReadOnlyMemory<byte> content, TimeSpan timeLimit, CancellationToken cancellationToken) =>
        await backend.Blobs.PutAsync(content, InputsKept + timeLimit, cancellationToken);

    public async Task<TaskLeavings?> ListAsync(string taskId, CancellationToken cancellationToken) => await TaskLeavings.ReadAsync(backend, taskId, cancellationToken);

    public async Task<ReadOnlyMemory<byte>?> GetAsync(string taskId, TaskArtifact artifact, CancellationToken cancellationToken) =>
        artifact.Blob is { } blob ? await backend.Blobs.GetAsync(blob, cancellationToken) : null;
}
