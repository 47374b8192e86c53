using Essaim;

namespace MusicLibrary;

/// <summary>Takes the pictures out of some tracks.</summary>
[TaskName("covers.fetch")]
internal sealed record FetchCovers(string Library, IReadOnlyList<string> Paths) : ITaskArgs;

internal sealed class FetchCoversHandler : ITaskHandler<FetchCovers>
{
    private const string Wanted = "SELECT art_stream FROM tracks WHERE path = @path AND cover IS NULL AND art_stream IS NOT NULL";

    public async Task HandleAsync(FetchCovers args, TaskContext context, CancellationToken stop)
    {
        using LibraryDatabase library = LibraryDatabase.Open(args.Library);
        List<ArtPlace> places = library.Read(session => args.Paths.Select(path => Place(session, path)).OfType<ArtPlace>().ToList());
        if (places.Count == 0)
            return;
        IReadOnlyDictionary<string, byte[]> pictures = await ReadManyAsync(places, stop);
        foreach (ArtPlace place in places)
        {
            try
            {
                byte[] picture = pictures.GetValueOrDefault(place.Path) ?? await EmbeddedArt.ReadAsync(place, stop);
                library.Write(session =>
                {
                    // The track may have changed or gone while its picture was taken out.
                    if (Place(session, place.Path) == place)
                        CoverFiles.Keep(session, library.CoverFolder, place.Path, picture);
                });
            }
            catch (UnusableFileException error)
            {
                library.Write(session => CoverFiles.Refuse(session, place.Path, error.Message));
            }
        }
    }

    private static async Task<IReadOnlyDictionary<string, byte[]>> ReadManyAsync(IReadOnlyList<ArtPlace> places, CancellationToken stop)
    {
        try
        {
            return await EmbeddedArt.ReadManyAsync(places, stop);
        }
        catch (UnusableFileException)
        {
            return new Dictionary<string, byte[]>(); // Took too long together: one by one, each with a reason of its own.
        }
    }

    private static ArtPlace? Place(SqlSession session, string path) =>
        session.Scalar<object>(Wanted, ("@path", path)) is long stream ? new ArtPlace(path, (int)stream) : null;
}
