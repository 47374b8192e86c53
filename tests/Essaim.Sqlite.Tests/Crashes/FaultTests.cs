using Essaim.Sqlite.Tests.Processes;
using Essaim.Testing;

namespace Essaim.Sqlite.Tests.Crashes;

/// <summary>Files that cannot be used: one sentence each that says what to do, and nothing half-made.</summary>
public sealed class FaultTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_Garbage_SaysSoAndLeavesIt()
    {
        string path = TemporaryFiles.NewPath();
        byte[] garbage = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))];
        await File.WriteAllBytesAsync(path, garbage, Stop);

        BackendException error = Refuse(path);

        Assert.Equal("ESS2002", error.Code);
        Assert.Equal($"{path} is not a SQLite database. Essaim left it as it is; name another file, or move this one away and let Essaim create a new one.", error.Message);
        Assert.Equal(garbage, await File.ReadAllBytesAsync(path, Stop));
        Assert.Equal([path], Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void Open_OtherProgramsDatabase_SaysSoAndLeavesIt()
    {
        string path = TemporaryFiles.NewPath();
        using (Database other = Database.Open(path, create: true))
            other.Execute("CREATE TABLE songs (id INTEGER)");

        BackendException error = Refuse(path);

        Assert.Equal("ESS2002", error.Code);
        Assert.Equal($"{path} is a SQLite database of another program. Essaim left it as it is; name another file.", error.Message);
        Assert.Equal([path], Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task Open_Truncated_SaysThatItIsDamaged()
    {
        string path = TemporaryFiles.NewPath();
        await SqliteBackend.Open(path, new FakeTimeProvider()).DisposeAsync();
        await using (FileStream file = File.OpenWrite(path))
            file.SetLength(file.Length / 2);

        BackendException error = Refuse(path);

        Assert.Equal("ESS2003", error.Code);
        Assert.Equal(
            $"{path} is damaged: database disk image is malformed. Restore it from a copy, or save what can be read with: sqlite3 '{path}' .recover > saved.sql",
            error.Message);
    }

    [Fact]
    public async Task Open_DamagedInTheMiddle_IsFoundAtOnce()
    {
        string path = TemporaryFiles.NewPath();
        await SqliteBackend.Open(path, new FakeTimeProvider()).DisposeAsync();
        await using (FileStream file = File.OpenWrite(path))
        {
            file.Position = 4096 * 6;
            file.Write(new byte[4096 * 2]);
        }

        Assert.Equal("ESS2003", Refuse(path).Code);
    }

    [Fact]
    public async Task Open_NewerSchema_SaysToUpdate()
    {
        string path = TemporaryFiles.NewPath();
        await SqliteBackend.Open(path, new FakeTimeProvider()).DisposeAsync();
        using (Database database = Database.Open(path, create: false))
            database.Execute("UPDATE meta SET value = 9 WHERE key = 'schema_version'");

        BackendException error = Refuse(path);

        Assert.Equal("ESS2004", error.Code);
        Assert.Equal($"{path} was written by a newer Essaim (schema 9; this program knows {Schema.Migrations.Count}). Update Essaim or use another file.", error.Message);
    }

    [Fact]
    public void Open_Folder_SaysSo()
    {
        string path = TemporaryFiles.NewPath();
        Directory.CreateDirectory(path);

        BackendException error = Refuse(path);

        Assert.Equal("ESS2001", error.Code);
        Assert.Equal(
            $"{path} cannot be opened: it is a folder. Give this user the right to read and write the file and its folder, or name another file.", error.Message);
    }

    [Fact]
    public async Task Open_FolderInTheWayIsAFile_SaysSo()
    {
        string file = TemporaryFiles.NewPath("file");
        await File.WriteAllTextAsync(file, "", Stop);

        BackendException error = Refuse(Path.Combine(file, "essaim.db"));

        Assert.Equal("ESS2001", error.Code);
        Assert.StartsWith($"The folder {file} for {file}/essaim.db cannot be made: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(" Give this user the right to make it, or name another file.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_MissingFolders_AreMade()
    {
        string path = TemporaryFiles.NewPath(Path.Combine("a", "b", "essaim.db"));

        await using SqliteBackend backend = SqliteBackend.Open(path, new FakeTimeProvider());

        Assert.True((await backend.CheckAsync(Stop)).Healthy);
    }

    [Fact]
    public async Task Open_UrlWithoutAPath_SaysSo()
    {
        BackendContext context = new(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);

        BackendException error = await Assert.ThrowsAsync<BackendException>(async () => await Essaim.Backend.OpenAsync("sqlite:", context, Stop));

        Assert.Equal("ESS2010", error.Code);
        Assert.Equal("The broker URL 'sqlite:' names no file. Write sqlite:FILE, such as sqlite:essaim.db.", error.Message);
    }

    [Fact]
    public async Task Use_AfterDispose_SaysSo()
    {
        string path = TemporaryFiles.NewPath();
        SqliteBackend backend = SqliteBackend.Open(path, new FakeTimeProvider());
        await backend.DisposeAsync();
        await backend.DisposeAsync();

        BackendException error = await Assert.ThrowsAsync<BackendException>(async () => await backend.Broker.PurgeAsync("q", Stop));

        Assert.Equal("ESS2009", error.Code);
        Assert.Equal($"{path} has been closed by this program. Open the backend again to use it.", error.Message);
        Assert.Equal(new BackendHealth(false, error.Message), await backend.CheckAsync(Stop));
    }

    [Fact]
    public async Task Dispose_LastOne_LeavesOnlyTheFile()
    {
        string path = TemporaryFiles.NewPath();
        SqliteBackend backend = SqliteBackend.Open(path, new FakeTimeProvider());
        await backend.CheckAsync(Stop);

        await backend.DisposeAsync();

        Assert.Equal([path, path + "-bell"], Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!).Order());
    }

    [Fact]
    public async Task Open_ReadOnlyDisk_SaysSo()
    {
        string folder = Path.GetDirectoryName(TemporaryFiles.NewPath())!;

        string? said = await Helper.RunInNamespaceAsync(
            folder,
            "mount -t tmpfs -o size=8m tmpfs $folder && $helper --as-opener $folder/essaim.db && mount -o remount,ro $folder && $helper --as-opener $folder/essaim.db",
            Stop);

        SkipUnlessCi(said is null, "This machine does not let this user mount a file system of its own (unshare -rm).");
        Assert.Equal(
            $"opened\nESS2006 {folder}/essaim.db cannot be written to: the file, its folder or its disk is read-only for this user. Give the right to write, or name another file.\n",
            said);
    }

    [Fact]
    public async Task Publish_DiskFull_SaysSoAndResumesWhenThereIsSpace()
    {
        string folder = Path.GetDirectoryName(TemporaryFiles.NewPath())!;

        string? said = await Helper.RunInNamespaceAsync(
            folder,
            "mount -t tmpfs -o size=12m tmpfs $folder && head -c 6M /dev/zero > $folder/spare && $helper --as-filler $folder/essaim.db"
            + " && rm $folder/spare && $helper --as-opener $folder/essaim.db",
            Stop);

        SkipUnlessCi(said is null, "This machine does not let this user mount a file system of its own (unshare -rm).");
        Assert.Equal(
            $"ESS2005 The disk of {folder}/essaim.db is full. Nothing was stored and nothing is damaged; work goes on as soon as there is space again.\n"
            + "healthy: True\nall many acknowledged are there: True\nopened\n",
            said);
    }

    /// <summary>CI must see these run; elsewhere they are a named skip.</summary>
    private static void SkipUnlessCi(bool cannot, string reason)
    {
        Assert.False(cannot && Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.SkipWhen(cannot, reason);
    }

    private static BackendException Refuse(string path) => Assert.Throws<BackendException>(() => SqliteBackend.Open(path, new FakeTimeProvider()));
}
