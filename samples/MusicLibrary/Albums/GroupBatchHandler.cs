using Essaim;

namespace MusicLibrary;

/// <summary>Puts the tracks of a batch into albums and sends them on, album by album.</summary>
[TaskName("batch.group")]
internal sealed record GroupBatch(string Library, IReadOnlyList<TrackFacts> Tracks) : ITaskArgs;

internal sealed class GroupBatchHandler : ITaskHandler<GroupBatch>
{
    public Task HandleAsync(GroupBatch args, TaskContext context, CancellationToken stop) => context.Client.EnqueueManyAsync(
        AlbumGrouping.Group(args.Tracks).Select(batch => new InsertTracks(args.Library, batch)), cancellationToken: stop);
}
