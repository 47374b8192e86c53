using MusicLibrary.Tests.Library;

namespace MusicLibrary.Tests.Commands;

[Collection(nameof(ScannedMusic))]
public sealed class ScanTests(ScannedMusic scanned) : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public void Scan_NewFolder_FindsAllAndNamesWhatIsBroken()
    {
        ScanReport report = scanned.Report;

        Assert.Equal((40, 40, 0, 0, 0), (report.Found, report.New, report.Changed, report.Unchanged, report.Unfinished));
        Assert.Equal(
            [
                "Broken/empty.flac (metadata): the file is empty (0 bytes)",
                "Broken/empty.mp3 (metadata): the file is empty (0 bytes)",
                "Broken/noise.mp3 (metadata): ffprobe cannot read it: Invalid argument",
                "Broken/notes.mp3 (metadata): ffprobe cannot read it: Invalid argument",
                "Broken/page.ogg (metadata): ffprobe cannot read it: End of file",
                "Broken/picture.m4a (metadata): there is no audio in it (ffprobe says: jpeg_pipe)",
                "Broken/truncated.flac (features): it is damaged or cut off: only 0.9 s of 5.0 s could be decoded",
                "Broken/truncated.m4a (metadata): ffprobe cannot read it: Invalid data found when processing input",
                "Broken/truncated.mp3 (features): it is damaged or cut off: only 1.5 s of 5.0 s could be decoded",
                "Broken/truncated.ogg (metadata): ffprobe cannot read it: End of file",
                "gone.mp3 (discovery): a link that leads nowhere",
                "latin1 na\uFFFDve.mp3 (discovery): its name is not valid UTF-8; rename it (on Debian: convmv)",
            ],
            report.Failed.Select(failed => $"{Path.GetRelativePath(scanned.Music, failed.Path)} ({failed.Stage}): {failed.Reason}"));
        // 29 tracks, the long one, and the two whose header is good but whose sound is cut off.
        Assert.Equal(32, report.Tracks);
        Assert.True(report.Albums >= 4 && report.Covers >= 2 && report.Vectors >= 20, report.ToString());
    }

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task Scan_SecondRun_FindsNothingNewAndChangesNothing()
    {
        ScanReport report = await MusicProgram.ScanAsync(scanned.Music, scanned.Data);

        Assert.Equal((0, 0, 40, 0), (report.New, report.Changed, report.Unchanged, report.Removed));
        Assert.All(report.Failed.Where(failed => failed.Stage != "discovery"), failed => Assert.True(failed.KnownBefore, failed.Path));
        Assert.Equal(scanned.Dump, LibraryDump.Of(Path.Combine(scanned.Data, "library.db")));
    }

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task Scan_AfterChanges_FollowsThem()
    {
        string music = _folder.At("music"), data = _folder.At("data"), fresh = _folder.At("fresh");
        foreach ((string name, int hertz) in ((string, int)[])[("kept", 300), ("changed", 400), ("gone", 500)])
        {
            Directory.CreateDirectory(music);
            await Ffmpeg.MakeAsync(Path.Combine(music, $"{name}.mp3"), $"sine=frequency={hertz}:duration=1", "-metadata", $"title={name}");
        }

        await MusicProgram.ScanAsync(music, data);
        File.Delete(Path.Combine(music, "gone.mp3"));
        await Ffmpeg.MakeAsync(Path.Combine(music, "changed.mp3"), "sine=frequency=900:duration=2", "-metadata", "title=now another");
        await Ffmpeg.MakeAsync(Path.Combine(music, "added.flac"), "sine=frequency=1000:duration=1");
        ScanReport report = await MusicProgram.ScanAsync(music, data);

        Assert.Equal((3, 1, 1, 1, 1), (report.Found, report.New, report.Changed, report.Unchanged, report.Removed));
        await MusicProgram.ScanAsync(music, fresh);
        Assert.Equal(LibraryDump.Of(Path.Combine(fresh, "library.db")), LibraryDump.Of(Path.Combine(data, "library.db")));
    }

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task Similar_ToneOfALibrary_ListsTheSameTimbreFirst()
    {
        string music = _folder.At("music"), data = _folder.At("data");
        Directory.CreateDirectory(music);
        foreach ((string name, string source) in ((string, string)[])
            [("tone", "sine=frequency=440:duration=2"), ("near", "sine=frequency=445:duration=2"), ("far", "sine=frequency=3000:duration=2"), ("noise", "anoisesrc=seed=3:duration=2")])
        {
            await Ffmpeg.MakeAsync(Path.Combine(music, $"{name}.flac"), source);
        }

        await MusicProgram.ScanAsync(music, data);
        ProgramEnd end = await MusicProgram.RunAsync("similar", "tone", "--data", data);

        Assert.Equal(0, end.ExitCode);
        string[] lines = end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Contains("near.flac", lines[1], StringComparison.Ordinal);
    }

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task Scan_TwoAtOnce_ShareAWorkerAndMakeTheSameLibrary()
    {
        string data = _folder.At("data");

        ScanReport[] reports = await Task.WhenAll(MusicProgram.ScanAsync(scanned.Music, data), MusicProgram.ScanAsync(scanned.Music, data));

        Assert.All(reports, report => Assert.Equal((40, 0), (report.Found, report.Unfinished)));
        Assert.Equal(scanned.Dump, LibraryDump.Of(Path.Combine(data, "library.db")));
    }

    [Fact]
    public async Task Scan_WithoutFfmpeg_SaysWhatToInstall()
    {
        using System.Diagnostics.Process process = MusicProgram.Start(["scan", _folder.Path, "--data", _folder.At("data")], path: _folder.Path);
        ProgramEnd end = await MusicProgram.EndAsync(process);

        Assert.Equal(2, end.ExitCode);
        Assert.Equal(
            "MusicLibrary: ESS9001: The scanner needs ffprobe, which is not on this machine's PATH. "
            + "Install ffmpeg (on Debian: sudo apt-get install ffmpeg) and scan again.\n",
            end.Errors);
        Assert.False(Directory.Exists(_folder.At("data")));
    }

    [Fact(Skip = Ffmpeg.Missing, SkipUnless = nameof(Ffmpeg.IsUsable), SkipType = typeof(Ffmpeg))]
    public async Task Scan_FolderThatIsNotThere_SaysSo()
    {
        ProgramEnd end = await MusicProgram.RunAsync("scan", _folder.At("none"), "--data", _folder.At("data"));

        Assert.Equal((2, $"MusicLibrary: ESS9002: There is no folder '{_folder.At("none")}'. Name the folder that holds the music.\n"), (end.ExitCode, end.Errors));
    }

    public void Dispose() => _folder.Dispose();
}
