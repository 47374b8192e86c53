using System.Text;
using Essaim.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Essaim.Storage.Tests.Sqlite;

public sealed class SqliteFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("essaim-storage-");

    private string File => Path.Combine(_folder.FullName, "metadata.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Open_NewFile_OnlyItsUserMayReadIt()
    {
        await using SqliteMetadataStore store = Open();
        await store.CheckAsync(TestContext.Current.CancellationToken);

        foreach (string file in Directory.GetFiles(_folder.FullName))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void Open_NotADatabase_SaysSoAndLeavesItAlone()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("these are not the bytes of a database. ", 100)));
        System.IO.File.WriteAllBytes(File, text);

        MetadataException error = Assert.Throws<MetadataException>(Open);

        Assert.Equal("ESS5101", error.Code);
        Assert.Equal(
            $"The task history '{File}' is damaged or not a database (26: file is not a database). Move the file away (with its -wal and -shm files) to start "
            + "with an empty history, or restore a copy; queues and results are in another file and are not affected.",
            error.Message);
        Assert.Equal(text, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public async Task Open_NewerSchema_SaysSoAndLeavesItAlone()
    {
        await Open().DisposeAsync();
        Run("PRAGMA user_version = 99");

        MetadataException error = Assert.Throws<MetadataException>(Open);

        Assert.Equal("ESS5102", error.Code);
        Assert.Equal(
            $"The task history '{File}' was written by a newer Essaim (schema 99; this one knows 3). Update Essaim, or choose another data folder.", error.Message);
    }

    [Fact]
    public void Open_AnotherProgramsDatabase_SaysSoAndLeavesItAlone()
    {
        Run("CREATE TABLE songs (id INTEGER)");

        MetadataException error = Assert.Throws<MetadataException>(Open);

        Assert.Equal("ESS5108", error.Code);
        Assert.Equal(
            $"The file '{File}' is another program's database, not a task history of Essaim. Choose another data folder; the file was not changed.", error.Message);
        Assert.Equal("songs", Run("SELECT group_concat(name) FROM sqlite_master"));
    }

    [Fact]
    public void Open_FolderDoesNotExist_SaysWhatToDo()
    {
        string path = Path.Combine(_folder.FullName, "missing", "metadata.db");

        MetadataException error = Assert.Throws<MetadataException>(() => SqliteMetadataStore.Open(path, TimeProvider.System));

        Assert.Equal("ESS5103", error.Code);
        Assert.Equal(path, error.Path);
        Assert.Equal(
            $"The task history '{path}' cannot be opened for writing (Could not find a part of the path '{path}'.). Check that this user may write to the folder and the "
            + "file, or choose another data folder.",
            error.Message);
    }

    [Fact]
    public async Task Record_FileHeldByAnother_FailsWithAClearErrorThenGoesOn()
    {
        await using SqliteMetadataStore store = Open();
        using SqliteConnection other = Connect();
        using SqliteCommand command = other.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();

        BackendHealth health = await store.CheckAsync(TestContext.Current.CancellationToken);
        command.CommandText = "ROLLBACK";
        command.ExecuteNonQuery();
        BackendHealth later = await store.CheckAsync(TestContext.Current.CancellationToken);

        Assert.False(health.Healthy);
        Assert.Equal($"The task history '{File}' is locked by another program. Close what else has it open (a second core, a database browser).", health.Detail);
        Assert.True(later.Healthy, later.Detail);
    }

    [Fact]
    public void Migrate_OlderFile_RunsOnlyTheMissingSteps()
    {
        string[] steps = ["CREATE TABLE a (x INTEGER)", "CREATE TABLE b (x INTEGER); INSERT INTO b SELECT x FROM a"];
        System.IO.File.Create(File).Dispose();
        SQLitePCL.Batteries_V2.Init();
        using (SqliteSession session = new(File))
        {
            SchemaMigrator.Migrate(session, File, steps[..1]);
            session.Script("INSERT INTO a VALUES (7)");
            SchemaMigrator.Migrate(session, File, steps);
            SchemaMigrator.Migrate(session, File, steps);
        }

        Assert.Equal(7L, Run("SELECT x FROM b"));
        Assert.Equal(2L, Run("PRAGMA user_version"));
    }

    [Fact]
    public async Task Open_FileOfSchema2_KeepsWhatIsInItAndTakesFunctions()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        await using (Stream packed = typeof(SqliteFileTests).Assembly.GetManifestResourceStream("schema-2.db.gz")!)
        await using (System.IO.Compression.GZipStream plain = new(packed, System.IO.Compression.CompressionMode.Decompress))
        await using (FileStream file = System.IO.File.Create(File))
            await plain.CopyToAsync(file, stop);
        Assert.Equal(2L, Run("PRAGMA user_version"));

        await using SqliteMetadataStore store = Open();

        TaskPage tasks = await store.Tasks.ListAsync(new TaskQuery(), stop);
        Assert.Equal(
            [("demo.add", "SUCCESS", null), ("essaim.function", "SUCCESS", null), ("demo.add", "SUCCESS", (string?)null)],
            tasks.Tasks.Select(task => (task.Name!, task.State.Name, task.Function)));
        Assert.Equal("slot-01", Assert.Single(await store.Edge.ListDevicesAsync(stop)).Id);
        FunctionVersion version = MetadataStoreConformance.Version("beam", 'a');
        Assert.True((await store.Functions.AddAsync(version, "x"u8.ToArray(), stop)).IsNew);
        Assert.Single((await store.Tasks.RecordAsync(new HistoryBatch([MetadataStoreConformance.Submitted("new") with { Function = "beam" }], []), stop)));
        Assert.Equal("new", Assert.Single((await store.Tasks.ListAsync(new TaskQuery { Function = "beam" }, stop)).Tasks).Id);
        Assert.Equal(3L, Run("PRAGMA user_version"));
    }

    [Fact]
    public void Migrate_StepFails_NothingOfItIsKept()
    {
        System.IO.File.Create(File).Dispose();
        SQLitePCL.Batteries_V2.Init();
        using (SqliteSession session = new(File))
            Assert.Throws<SqliteException>(() => SchemaMigrator.Migrate(session, File, ["CREATE TABLE a (x INTEGER)", "CREATE TABLE a (x INTEGER)"]));

        Assert.Equal(0L, Run("SELECT count(*) FROM sqlite_master"));
        Assert.Equal(0L, Run("PRAGMA user_version"));
    }

    private SqliteMetadataStore Open() => SqliteMetadataStore.Open(File, TimeProvider.System);

    private SqliteConnection Connect()
    {
        SQLitePCL.Batteries_V2.Init();
        SqliteConnection connection = new($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }

    private object? Run(string sql)
    {
        using SqliteConnection connection = Connect();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
