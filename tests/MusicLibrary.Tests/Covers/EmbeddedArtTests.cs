namespace MusicLibrary.Tests.Covers;

public sealed class EmbeddedArtTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task ReadManyAsync_SeveralFiles_GivesEachItsOwnPicture()
    {
        List<ArtPlace> places = [];
        foreach (string colour in (string[])["red", "green", "blue"])
        {
            string picture = await Ffmpeg.MakeAsync(_folder.At($"{colour}.png"), $"color={colour}:size=16x16", "-frames:v", "1");
            await Ffmpeg.RunAsync(
                "-f", "lavfi", "-i", "sine=duration=1", "-i", picture, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic", _folder.At($"{colour}.mp3"));
            places.Add(new ArtPlace(_folder.At($"{colour}.mp3"), 1));
        }

        IReadOnlyDictionary<string, byte[]> pictures = await EmbeddedArt.ReadManyAsync(places, TestContext.Current.CancellationToken);

        foreach (string colour in (string[])["red", "green", "blue"])
            Assert.Equal(await File.ReadAllBytesAsync(_folder.At($"{colour}.png"), TestContext.Current.CancellationToken), pictures[_folder.At($"{colour}.mp3")]);
    }

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task ReadAsync_NoSuchStream_SaysWhy()
    {
        string path = await Ffmpeg.MakeAsync(_folder.At("plain.mp3"), "sine=duration=1");

        UnusableFileException error = await Assert.ThrowsAsync<UnusableFileException>(
            () => EmbeddedArt.ReadAsync(new ArtPlace(path, 5), TestContext.Current.CancellationToken));

        Assert.StartsWith("its picture cannot be read: ", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
