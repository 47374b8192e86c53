namespace MusicLibrary.Tests.Scanning;

public sealed class ChangeDetectionTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly LibraryDatabase _library;

    public ChangeDetectionTests() => _library = LibraryDatabase.Open(_folder.At("library.db"));

    [Fact]
    public void Record_FirstMeeting_IsNewAndWanted()
    {
        Assert.Equal(["/m/a.mp3"], Meet("s1", File("/m/a.mp3")));
        Assert.Equal(["/m/a.mp3 New"], Sightings("s1"));
    }

    [Fact]
    public void Record_FinishedAndUnchanged_IsNotWanted()
    {
        Meet("s1", File("/m/a.mp3"));
        Finish("/m/a.mp3");

        Assert.Empty(Meet("s2", File("/m/a.mp3")));
        Assert.Equal(["/m/a.mp3 Unchanged"], Sightings("s2"));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    public void Record_OtherSizeOrTime_IsChangedAndWanted(long size, long modified)
    {
        Meet("s1", File("/m/a.mp3"));
        Finish("/m/a.mp3");

        Assert.Equal(["/m/a.mp3"], Meet("s2", new WalkEntry(new FileRef("/m/a.mp3", size, modified), null)));
        Assert.Equal(["/m/a.mp3 Changed"], Sightings("s2"));
    }

    [Fact]
    public void Record_NotFinishedByAnEarlierWalk_IsWantedAgainAndStaysNew()
    {
        Meet("s1", File("/m/a.mp3"));

        Assert.Equal(["/m/a.mp3"], Meet("s1", File("/m/a.mp3")));
        Assert.Equal(["/m/a.mp3 New"], Sightings("s1"));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    public void Record_FailedBefore_IsWantedOnlyWhereItMayWorkNow(bool transient, bool retryFailed, bool wanted)
    {
        Meet("s1", File("/m/a.mp3"));
        _library.Write(session => FileRows.Fail(session, File("/m/a.mp3").File, "metadata", "no", transient));

        List<FileRef> found = _library.Write(session => ChangeDetection.Record(session, "s2", [File("/m/a.mp3")], retryFailed));

        Assert.Equal(wanted, found.Count == 1);
    }

    [Fact]
    public void Record_Problem_IsKeptWithItsReasonAndGoesWithIt()
    {
        _library.Write(session => ChangeDetection.Record(session, "s1", [WalkEntry.Unreadable("/m/x", "no permission")], retryFailed: false));
        Assert.Equal(["/m/x failed discovery no permission"], Files());

        List<string> orphans = _library.Read(session => OrphanRows.Find(session, "/m", "s2"));
        Assert.Equal(["/m/x"], orphans);
    }

    public void Dispose()
    {
        _library.Dispose();
        _folder.Dispose();
    }

    private static WalkEntry File(string path) => new(new FileRef(path, 1, 1), null);

    private IEnumerable<string> Meet(string scan, WalkEntry entry) =>
        _library.Write(session => ChangeDetection.Record(session, scan, [entry], retryFailed: false)).Select(file => file.Path);

    private void Finish(string path) => _library.Write(session => session.Run("UPDATE files SET status = 'vectorised' WHERE path = @path", ("@path", path)));

    private List<string> Sightings(string scan) =>
        _library.Read(session => session.Query("SELECT path || ' ' || kind FROM sightings WHERE scan = @scan", row => row.GetString(0), ("@scan", scan)));

    private List<string> Files() =>
        _library.Read(session => session.Query("SELECT path || ' ' || status || ' ' || stage || ' ' || reason FROM files", row => row.GetString(0)));
}
