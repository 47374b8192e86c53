using Essaim;

namespace MusicLibrary;

/// <summary>Fills in title, artist and number of tracks without tags, from their names.</summary>
[TaskName("deferred.enrich")]
internal sealed record Enrich(string Library, IReadOnlyList<string> Paths) : ITaskArgs;

internal sealed class EnrichHandler : ITaskHandler<Enrich>
{
    public Task HandleAsync(Enrich args, TaskContext context, CancellationToken stop)
    {
        using LibraryDatabase library = LibraryDatabase.Open(args.Library);
        library.Write(session =>
        {
            foreach (string path in args.Paths)
                Fill(session, path);
        });
        return Task.CompletedTask;
    }

    internal static void Fill(SqlSession session, string path)
    {
        NameGuess guess = NameGuess.From(path);
        int filled = session.Run(
            """
            UPDATE tracks SET tags = 'guessed', title = iif(title = '', @title, title), artist = iif(artist = '', @artist, artist),
              track_number = coalesce(track_number, @number)
            WHERE path = @path AND tags = 'missing'
            """,
            ("@path", path), ("@title", guess.Title), ("@artist", guess.Artist), ("@number", guess.TrackNumber));
        if (filled > 0)
            TrackRows.RefreshAlbum(session, session.Scalar<string>("SELECT album_key FROM tracks WHERE path = @path", ("@path", path))!);
    }
}
