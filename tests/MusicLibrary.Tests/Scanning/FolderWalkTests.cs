namespace MusicLibrary.Tests.Scanning;

public sealed class FolderWalkTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void Enter_NestedFolders_MeetsMusicOnceInOneOrder()
    {
        foreach (string name in (string[])["b/2.flac", "b/1.MP3", "a.mp3", "b/cover.jpg", ".hidden.mp3", "a\nb.ogg", "c/d/e.m4a"])
            _folder.Write(name);

        Assert.Equal(["a\nb.ogg", "a.mp3", "b/1.MP3", "b/2.flac", "c/d/e.m4a"], Met().Select(Name));
        Assert.All(Met(), entry => Assert.Null(entry.Problem));
    }

    [Fact]
    public void Enter_LinksInALoop_EndsAndMeetsEachFileOnce()
    {
        _folder.Write("music/a.mp3");
        Directory.CreateSymbolicLink(_folder.At("music/loop"), "..");
        Directory.CreateSymbolicLink(_folder.At("self"), "self");
        File.CreateSymbolicLink(_folder.At("again.mp3"), "music/a.mp3");

        Assert.Equal(["music/a.mp3"], Met().Where(entry => entry.Problem is null).Select(Name));
    }

    [Fact]
    public void Enter_LinkOutside_IsFollowedOnce()
    {
        using ScratchFolder outside = new();
        outside.Write("x.mp3");
        Directory.CreateSymbolicLink(_folder.At("disk1"), outside.Path);
        Directory.CreateSymbolicLink(_folder.At("disk2"), outside.Path);
        Directory.CreateSymbolicLink(outside.At("back"), outside.Path);

        Assert.Equal(["disk1/x.mp3"], Met().Select(Name));
    }

    [Fact]
    public void Enter_LinkToNowhere_IsReported()
    {
        File.CreateSymbolicLink(_folder.At("gone.mp3"), "nowhere.mp3");

        WalkEntry entry = Assert.Single(Met());

        Assert.Equal(("gone.mp3", "a link that leads nowhere"), (Name(entry), entry.Problem));
    }

    [Fact]
    public async Task Enter_NameThatIsNotUtf8_IsReported()
    {
        // .NET cannot make such a name itself.
        using System.Diagnostics.Process python = System.Diagnostics.Process.Start(
            "python3", ["-c", "import sys,os; open(os.fsencode(sys.argv[1]) + b'/na\\xefve\\xed\\xa0\\x80.mp3', 'w').write('x')", _folder.Path]);
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("its name is not valid UTF-8; rename it (on Debian: convmv)", Assert.Single(Met()).Problem);
    }

    [Fact]
    public void Enter_PathAsLongAsTheSystemAllows_IsMet()
    {
        string path = _folder.Path;
        while (path.Length < 3600)
            path = Path.Combine(path, new string('d', 200));
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "deep.mp3"), "x");

        Assert.EndsWith("/deep.mp3", Assert.Single(Met()).File.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Enter_FolderThatIsNotThere_IsReported() =>
        Assert.Equal("the folder cannot be listed: it is gone", Assert.Single(new FolderWalk(_folder.At("none")).Enter()).Problem);

    public void Dispose() => _folder.Dispose();

    private List<WalkEntry> Met() => [.. new FolderWalk(_folder.Path).Enter()];

    private string Name(WalkEntry entry) => Path.GetRelativePath(_folder.Path, entry.File.Path);
}
