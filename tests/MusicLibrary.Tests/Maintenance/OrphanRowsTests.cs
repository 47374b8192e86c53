namespace MusicLibrary.Tests.Maintenance;

public sealed class OrphanRowsTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void Find_SomeFilesGone_NamesThoseBelowTheRootOnly()
    {
        using LibraryDatabase library = LibraryDatabase.Open(_folder.At("library.db"));
        string kept = _folder.Write("m/kept.mp3");
        library.Write(session =>
        {
            foreach (string path in (string[])[kept, _folder.At("m/gone.mp3"), _folder.At("m2/elsewhere.mp3"), _folder.At("m/locked/unseen.mp3")])
                FileRows.Discover(session, new FileRef(path, 1, 1));
            ScanRows.See(session, "s", _folder.At("m/locked"), SightingKind.Problem);
        });

        // "locked" could not be listed by this scan: what it held is not gone for that.
        Assert.Equal([_folder.At("m/gone.mp3")], library.Read(session => OrphanRows.Find(session, _folder.At("m"), "s")));
    }

    public void Dispose() => _folder.Dispose();
}
