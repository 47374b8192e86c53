namespace MusicLibrary.Tests.Metadata;

public sealed class FfprobeTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Theory(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    [InlineData("mp3", "mp3")]
    [InlineData("flac", "flac")]
    [InlineData("ogg", "vorbis")]
    [InlineData("m4a", "aac")]
    public async Task ProbeAsync_TaggedFile_ReadsTagsWhereverTheFormatKeepsThem(string extension, string codec)
    {
        string[] encoder = extension == "ogg" ? ["-c:a", "libvorbis"] : [];
        string path = await Ffmpeg.MakeAsync(
            _folder.At($"日本 'quoted'\nnew line.{extension}"), "sine=frequency=440:duration=2",
            [.. encoder, "-metadata", "title=Полёт 🐝", "-metadata", "artist=Björk", "-metadata", "album=蜂", "-metadata", "album_artist=V/A", "-metadata", "track=3/12", "-metadata", "date=1984"]);

        TrackFacts facts = await Ffprobe.ProbeAsync(FileRef.Look(path)!, TestContext.Current.CancellationToken);

        Assert.Equal(
            ("Полёт 🐝", "Björk", "蜂", "V/A", 3, 1984, codec, 1),
            (facts.Title, facts.Artist, facts.Album, facts.AlbumArtist, facts.TrackNumber, facts.Year, facts.Codec, facts.Channels));
        Assert.InRange(facts.DurationMs, 1990, 2100);
        Assert.Null(facts.ArtStream);
    }

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task ProbeAsync_EmbeddedPicture_IsFoundAndCanBeTakenOut()
    {
        string picture = await Ffmpeg.MakeAsync(_folder.At("cover.png"), "color=red:size=32x32", "-frames:v", "1");
        string plain = await Ffmpeg.MakeAsync(_folder.At("plain.mp3"), "sine=duration=1");
        string path = _folder.At("art.mp3");
        await Ffmpeg.RunAsync("-i", plain, "-i", picture, "-map", "0:a", "-map", "1:v", "-c", "copy", "-disposition:v", "attached_pic", path);

        TrackFacts facts = await Ffprobe.ProbeAsync(FileRef.Look(path)!, TestContext.Current.CancellationToken);
        byte[] taken = await EmbeddedArt.ReadAsync(new ArtPlace(path, facts.ArtStream!.Value), TestContext.Current.CancellationToken);

        Assert.Equal("png", ImageType.Of(taken));
        Assert.Equal(await File.ReadAllBytesAsync(picture, TestContext.Current.CancellationToken), taken);
    }

    [Theory(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    [InlineData("empty.mp3", "", "the file is empty (0 bytes)")]
    [InlineData("page.ogg", "<!doctype html><title>404</title>", "ffprobe cannot read it: End of file")]
    [InlineData("list.m4a", "#EXTM3U\n#EXTINF:1,x\nhttp://127.0.0.1:9/a.mp3\n", "ffprobe cannot read it: Invalid data found when processing input")]
    public async Task ProbeAsync_NotMusic_SaysWhy(string name, string text, string reason)
    {
        FileRef file = FileRef.Look(_folder.Write(name, text))!;

        UnusableFileException error = await Assert.ThrowsAsync<UnusableFileException>(() => Ffprobe.ProbeAsync(file, TestContext.Current.CancellationToken));

        Assert.Equal(reason, error.Message);
        Assert.False(error.IsTransient);
    }

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task ProbeAsync_FileChangedSinceItWasFound_IsForAnotherTime()
    {
        string path = await Ffmpeg.MakeAsync(_folder.At("grows.mp3"), "sine=duration=1");
        FileRef found = FileRef.Look(path)!;
        await File.AppendAllTextAsync(path, "more", TestContext.Current.CancellationToken);

        UnusableFileException error = await Assert.ThrowsAsync<UnusableFileException>(() => Ffprobe.ProbeAsync(found, TestContext.Current.CancellationToken));

        Assert.Equal("it changed while it was being read", error.Message);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task RunAsync_ToolNotInstalled_SaysWhatToInstall()
    {
        ToolMissingException error = await Assert.ThrowsAsync<ToolMissingException>(() => ExternalTool.RunAsync(
            "ffprobe-not-here", [], TimeSpan.FromSeconds(5), (stream, token) => BoundedRead.AllAsync(stream, 10, "it", token), TestContext.Current.CancellationToken));

        Assert.Equal(
            "The scanner needs ffprobe-not-here, which is not on this machine's PATH. Install ffmpeg (on Debian: sudo apt-get install ffmpeg) and scan again.",
            error.Message);
    }

    public void Dispose() => _folder.Dispose();
}
