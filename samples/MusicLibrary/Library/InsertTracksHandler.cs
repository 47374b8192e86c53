using Essaim;

namespace MusicLibrary;

/// <summary>Writes tracks in one transaction and sends what they still lack. Doing it twice is as doing it once.</summary>
[TaskName("insert.tracks")]
internal sealed record InsertTracks(string Library, IReadOnlyList<AlbumTrack> Tracks) : ITaskArgs;

internal sealed class InsertTracksHandler : ITaskHandler<InsertTracks>
{
    public async Task HandleAsync(InsertTracks args, TaskContext context, CancellationToken stop)
    {
        using LibraryDatabase library = LibraryDatabase.Open(args.Library);
        PendingWork pending = library.Write(session => Write(session, args.Tracks));
        await pending.SendAsync(context.Client, args.Library, stop);
    }

    internal static PendingWork Write(SqlSession session, IReadOnlyList<AlbumTrack> tracks)
    {
        foreach (AlbumTrack track in tracks.Where(track => FileRows.IsAwaited(session, track.Facts.File)))
        {
            TrackRows.Write(session, track);
            FileRows.MarkInserted(session, track.Facts.File, track.Facts.Content);
        }

        return PendingWork.Of(session, tracks.Select(track => track.Facts.File.Path));
    }
}
