using System.Security.Cryptography;
using System.Text;

namespace MusicLibrary;

/// <summary>
/// Puts tracks into albums. An album is an album artist's title; where no album artist is named, the title within one folder
/// (compilations); where no title is named, the folder's name is the title.
/// </summary>
internal static class AlbumGrouping
{
    private const int LargestBatch = 64;

    /// <summary>Batches to insert: a file once, albums kept together where they fit.</summary>
    public static List<List<AlbumTrack>> Group(IEnumerable<TrackFacts> tracks)
    {
        List<List<AlbumTrack>> batches = [];
        IEnumerable<IGrouping<string, AlbumTrack>> albums = tracks
            .GroupBy(facts => facts.File.Path, StringComparer.Ordinal)
            .Select(same => Place(same.Last()))
            .GroupBy(track => track.AlbumKey, StringComparer.Ordinal)
            .OrderBy(album => album.Key, StringComparer.Ordinal);
        foreach (AlbumTrack[] part in albums.SelectMany(album => album.Chunk(LargestBatch)))
        {
            if (batches.Count == 0 || batches[^1].Count + part.Length > LargestBatch)
                batches.Add([]);
            batches[^1].AddRange(part);
        }

        return batches;
    }

    private static AlbumTrack Place(TrackFacts facts)
    {
        string folder = Path.GetDirectoryName(facts.File.Path) ?? "/";
        string album = facts.Album.Length > 0 ? facts.Album : Path.GetFileName(folder);
        string place = facts.AlbumArtist.Length > 0 && facts.Album.Length > 0 ? $"artist\0{Plain(facts.AlbumArtist)}" : $"folder\0{folder}";
        string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{place}\0{Plain(album)}")).AsSpan(0, 12));
        return new AlbumTrack(facts with { Album = album }, key);
    }

    /// <summary>"Abbey  Road" and "abbey road" are one.</summary>
    private static string Plain(string text) =>
        string.Join(' ', text.ToUpperInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
