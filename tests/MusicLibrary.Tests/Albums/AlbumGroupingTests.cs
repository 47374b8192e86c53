namespace MusicLibrary.Tests.Albums;

public sealed class AlbumGroupingTests
{
    [Theory]
    [InlineData("/m/a/1.mp3", "Them", "Abbey Road", "/m/b/2.mp3", "THEM", "abbey  road", true)]
    [InlineData("/m/a/1.mp3", "Them", "Abbey Road", "/m/a/2.mp3", "Others", "Abbey Road", false)]
    [InlineData("/m/a/1.mp3", "", "Mix", "/m/a/2.mp3", "", "Mix", true)]
    [InlineData("/m/a/1.mp3", "", "Mix", "/m/b/2.mp3", "", "Mix", false)]
    [InlineData("/m/Mix/1.mp3", "", "", "/m/Mix/2.mp3", "", "Mix", true)]
    [InlineData("/m/a/1.mp3", "", "", "/m/b/2.mp3", "", "", false)]
    public void Group_TwoTracks_AreOneAlbumWhereTheyBelongTogether(
        string path1, string artist1, string album1, string path2, string artist2, string album2, bool together)
    {
        List<AlbumTrack> placed = [.. AlbumGrouping.Group([Facts(path1, artist1, album1), Facts(path2, artist2, album2)]).SelectMany(batch => batch)];

        Assert.Equal(2, placed.Count);
        Assert.Equal(together, placed[0].AlbumKey == placed[1].AlbumKey);
    }

    [Fact]
    public void Group_SameFileTwice_IsKeptOnce() =>
        Assert.Single(AlbumGrouping.Group([Facts("/m/a/1.mp3"), Facts("/m/a/1.mp3")]).SelectMany(batch => batch));

    [Fact]
    public void Group_ManyTracks_MakesBatchesOfABoundedSizeThatKeepAlbumsTogether()
    {
        List<TrackFacts> tracks = [.. Enumerable.Range(0, 300).Select(i => Facts($"/m/{i % 20}/{i}.mp3")), .. Enumerable.Range(0, 200).Select(i => Facts($"/m/huge/{i}.mp3"))];

        List<List<AlbumTrack>> batches = AlbumGrouping.Group(tracks);

        Assert.Equal(500, batches.Sum(batch => batch.Count));
        Assert.All(batches, batch => Assert.InRange(batch.Count, 1, 64));
        Assert.All(
            batches.SelectMany(batch => batch.Select(track => track.AlbumKey).Distinct()).GroupBy(key => key),
            album => Assert.InRange(album.Count(), 1, 4));
    }

    private static TrackFacts Facts(string path, string albumArtist = "", string album = "") => new()
    {
        File = new FileRef(path, 1, 1),
        Content = path,
        AlbumArtist = albumArtist,
        Album = album,
        Format = "mp3",
        Codec = "mp3",
        DurationMs = 1,
    };
}
