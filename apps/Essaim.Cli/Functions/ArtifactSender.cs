using System.Globalization;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>Puts what a run has left into the broker. What is too much, or cannot be put, is told and left out.</summary>
/// <param name="blobs">The broker's.</param>
/// <param name="keep">How long.</param>
/// <param name="most">Bytes of one run.</param>
internal sealed class ArtifactSender(IBlobStore blobs, TimeSpan keep, long most)
{
    /// <param name="end">The run's end.</param>
    /// <param name="collect">False: they are listed only.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops: the rest is left out.</param>
    public async Task<TaskLeavings> SendAsync(RunEnd end, bool collect, Action<double, string> progress, CancellationToken cancellationToken)
    {
        List<TaskArtifact> artifacts = [];
        List<SkippedArtifact> skipped = [.. end.Skipped.Select(entry => new SkippedArtifact(entry.Path, entry.Reason))];
        long total = Math.Max(1, end.Artifacts.Sum(artifact => artifact.Size)), sent = 0;
        foreach (Artifact artifact in end.Artifacts)
        {
            (string? blob, string? reason) = collect ? await PutAsync(end, artifact, sent, cancellationToken) : default;
            if (reason is not null)
            {
                skipped.Add(new SkippedArtifact(artifact.Path, reason));
                continue;
            }

            artifacts.Add(new TaskArtifact(artifact.Path, artifact.Size, artifact.Title, blob));
            sent += artifact.Size;
            if (collect && artifact.Size > BlobContent.PieceBytes)
                progress((double)sent / total, $"kept {artifact.Path}");
        }

        return new TaskLeavings(artifacts, skipped);
    }

    private async Task<(string? Blob, string? Reason)> PutAsync(RunEnd end, Artifact artifact, long sent, CancellationToken cancellationToken)
    {
        if (artifact.Size > IBlobStore.MostBytes)
            return (null, string.Create(CultureInfo.InvariantCulture, $"it has {artifact.Size:N0} bytes; at most {IBlobStore.MostBytes:N0} go through the broker"));
        if (sent + artifact.Size > most)
            return (null, string.Create(CultureInfo.InvariantCulture, $"the run's files have more than {most:N0} bytes together (--files-limit)"));
        if (cancellationToken.IsCancellationRequested)
            return (null, "the run was cancelled");
        try
        {
            byte[] content = await File.ReadAllBytesAsync(Path.Combine(end.CollectedFolder!, artifact.Path), cancellationToken);
            return (await blobs.PutAsync(content, keep, cancellationToken), null);
        }
        catch (Exception fault) when (fault is EssaimException or IOException)
        {
            return (null, fault.Message);
        }
        catch (OperationCanceledException)
        {
            return (null, "the run was cancelled");
        }
    }
}
