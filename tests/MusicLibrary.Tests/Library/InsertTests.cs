namespace MusicLibrary.Tests.Library;

public sealed class InsertTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void Write_SameTracksTwiceAndInAnyOrder_IsTheSameLibrary()
    {
        List<TrackFacts> tracks =
        [
            Facts("/m/one/1.mp3", "c1", album: "Abbey  Road", albumArtist: "Them"), Facts("/m/one/2.mp3", "c2", album: "abbey road", albumArtist: "THEM"),
            Facts("/m/two/1.mp3", "c3", artist: "A", album: "Mix"), Facts("/m/two/2.mp3", "c4", artist: "B", album: "Mix"), Facts("/m/copy.mp3", "c1", title: ""),
        ];
        using LibraryDatabase first = Open("first.db"), second = Open("second.db");

        InsertAll(first, tracks);
        InsertAll(second, Enumerable.Reverse(tracks));
        InsertAll(second, tracks);

        List<string> rows = LibraryDump.Of(first);
        Assert.Equal(rows, LibraryDump.Of(second));
        Assert.Equal(3, rows.Count(row => row.StartsWith("albums:", StringComparison.Ordinal)));
        Assert.Contains(rows, row => row.Contains("| Mix | Various Artists |", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_TracksOfOneAudio_WaitForOneVectorAndShareIt()
    {
        using LibraryDatabase library = Open("library.db");
        PendingWork pending = InsertAll(library, [Facts("/m/a.mp3", "same"), Facts("/m/b.mp3", "same")]);
        Assert.Equal(["same"], pending.Contents);

        library.Write(session => VectorRows.Keep(session, "same", [1, 0]));
        Assert.Empty(InsertAll(library, [Facts("/m/c.mp3", "same")]).Contents);

        Assert.Equal(3, library.Read(session => session.Scalar<long>("SELECT count(*) FROM files WHERE status = 'vectorised'")));
    }

    [Fact]
    public void Write_FileThatChangedSince_IsLeftToItsNextReading()
    {
        using LibraryDatabase library = Open("library.db");
        TrackFacts facts = Facts("/m/a.mp3", "old");
        library.Write(session => FileRows.Discover(session, facts.File with { Size = 99 }));

        library.Write(session => InsertTracksHandler.Write(session, AlbumGrouping.Group([facts])[0]));

        Assert.Equal(0, library.Read(session => session.Scalar<long>("SELECT count(*) FROM tracks")));
    }

    [Fact]
    public void Write_OtherContent_DropsTheVectorAndCoverNobodyUses()
    {
        using LibraryDatabase library = Open("library.db");
        InsertAll(library, [Facts("/m/a.mp3", "old")]);
        library.Write(session =>
        {
            VectorRows.Keep(session, "old", [1, 0]);
            CoverFiles.Keep(session, library.CoverFolder, "/m/a.mp3", [0xFF, 0xD8, 0xFF, 1]);
        });
        Assert.Single(Directory.GetFiles(library.CoverFolder));

        TrackFacts changed = Facts("/m/a.mp3", "new") with { File = new FileRef("/m/a.mp3", 7, 7) };
        InsertAll(library, [changed]);
        library.Write(session => CoverFiles.Prune(session, library.CoverFolder));

        Assert.Equal(0, library.Read(session => session.Scalar<long>("SELECT (SELECT count(*) FROM vectors) + (SELECT count(*) FROM covers)")));
        Assert.Empty(Directory.GetFiles(library.CoverFolder));
    }

    [Fact]
    public void Remove_LastTrackOfAnAlbum_TakesTheAlbumWithIt()
    {
        using LibraryDatabase library = Open("library.db");
        InsertAll(library, [Facts("/m/a.mp3", "c", album: "Solo")]);

        library.Write(session => OrphanRows.Remove(session, "/m/a.mp3"));

        Assert.Empty(LibraryDump.Of(library));
    }

    [Fact]
    public void Open_LibraryOfANewerProgram_IsRefusedInOneSentence()
    {
        string path = _folder.At("newer.db");
        using (LibraryDatabase library = LibraryDatabase.Open(path))
            library.Bare().Run("PRAGMA user_version = 99");

        LibraryException error = Assert.Throws<LibraryException>(() => LibraryDatabase.Open(path));

        Assert.Equal(
            $"The library '{path}' was made by another version of this program (its schema is 99, this one's 1). Scan into another file with --library.",
            error.Message);
    }

    [Fact]
    public void Open_FileThatIsNoDatabase_IsRefused()
    {
        string path = _folder.Write("page.db", new string('x', 5000));

        LibraryException error = Assert.Throws<LibraryException>(() => LibraryDatabase.Open(path));

        Assert.StartsWith($"The library '{path}' cannot be opened: SQLite Error 26", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static TrackFacts Facts(
        string path, string content, string title = "T", string artist = "Ada", string album = "", string albumArtist = "") => new()
        {
            File = new FileRef(path, 1, 1),
            Content = content,
            Title = title,
            Artist = artist,
            Album = album,
            AlbumArtist = albumArtist,
            Format = "mp3",
            Codec = "mp3",
            DurationMs = 1000,
            ArtStream = 1,
        };

    private LibraryDatabase Open(string name) => LibraryDatabase.Open(_folder.At(name));

    private static PendingWork InsertAll(LibraryDatabase library, IEnumerable<TrackFacts> tracks)
    {
        PendingWork pending = new([], [], []);
        foreach (TrackFacts facts in tracks)
        {
            library.Write(session =>
            {
                if (session.Scalar<long>("SELECT count(*) FROM files WHERE path = @path AND size = @size", ("@path", facts.File.Path), ("@size", facts.File.Size)) == 0)
                    FileRows.Discover(session, facts.File);
            });
            pending = library.Write(session => InsertTracksHandler.Write(session, AlbumGrouping.Group([facts])[0]));
        }

        return pending;
    }
}
