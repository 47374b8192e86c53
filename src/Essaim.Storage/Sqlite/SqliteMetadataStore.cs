using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Essaim.Storage.Sqlite;

/// <summary>The metadata store in one SQLite file, <c>metadata.db</c> in the data folder.</summary>
internal sealed class SqliteMetadataStore : IMetadataStore
{
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly GroupWriter _writer;
    private readonly ReaderPool _readers;

    private SqliteMetadataStore(string path, SqliteSession session, TimeProvider time)
    {
        _path = path;
        _time = time;
        _writer = new GroupWriter(path, session);
        _readers = new ReaderPool(path);
        Tasks = new SqliteTaskHistory(_writer, _readers);
        Workers = new SqliteWorkerDirectory(_readers);
        Requests = new SqliteRequestKeys(_writer);
        Edge = new SqliteEdgeStore(_writer, _readers);
        Functions = new SqliteFunctionStore(_writer, _readers);
    }

    public ITaskHistory Tasks { get; }

    public IWorkerDirectory Workers { get; }

    public IRequestKeys Requests { get; }

    public IEdgeStore Edge { get; }

    public IFunctionStore Functions { get; }

    /// <summary>Opens the file, making it (for this user only) where there is none, and brings it to the newest schema.</summary>
    /// <exception cref="MetadataException">Damaged, newer, not ours, not writable.</exception>
    public static SqliteMetadataStore Open(string path, TimeProvider time)
    {
        SQLitePCL.Batteries_V2.Init();
        SqliteSession? session = null;
        try
        {
            CreatePrivately(path);
            session = new SqliteSession(path);
            SchemaMigrator.Migrate(session, path, Schema.Steps);
            session.Script("PRAGMA journal_mode = WAL");
            return new SqliteMetadataStore(path, session, time);
        }
        catch (SqliteException error)
        {
            session?.Dispose();
            throw SqliteFailure.Explain(path, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            session?.Dispose();
            throw SqliteFailure.NotWritable(path, error.Message, error);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    public async ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            long now = SqliteText.ToMicros(_time.GetUtcNow());
            await _writer.WriteAsync(
                session => session.Execute("INSERT INTO probe VALUES (1, $at) ON CONFLICT DO UPDATE SET at = $at", ("$at", now)), durable: false, cancellationToken);
            long bytes = await _readers.ReadAsync(
                session => (long)session.Scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")!, cancellationToken);
            return new BackendHealth(true, string.Create(CultureInfo.InvariantCulture, $"SQLite schema {Schema.Steps.Count}, {bytes / 1048576.0:0.0} MiB."));
        }
        catch (MetadataException error)
        {
            return new BackendHealth(false, error.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _readers.Dispose();
    }

    /// <summary>Task arguments are nobody else's business; SQLite gives -wal and -shm the mode of the file.</summary>
    private static void CreatePrivately(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows() && !File.Exists(path))
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(path, options).Dispose();
    }
}
