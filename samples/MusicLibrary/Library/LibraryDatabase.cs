using Microsoft.Data.Sqlite;

namespace MusicLibrary;

/// <summary>An open library: one SQLite file, shared by several processes. One instance for one thread at a time.</summary>
internal sealed class LibraryDatabase : IDisposable
{
    private readonly SqliteConnection _connection;

    static LibraryDatabase() => SQLitePCL.Batteries_V2.Init();

    private LibraryDatabase(string path, SqliteConnection connection) => (Path, _connection) = (path, connection);

    public string Path { get; }

    /// <summary>Where embedded art goes: a folder beside the file.</summary>
    public string CoverFolder => System.IO.Path.ChangeExtension(Path, ".covers");

    /// <summary>Opens a library, and makes it where there is none.</summary>
    /// <exception cref="LibraryException">It cannot be opened.</exception>
    public static LibraryDatabase Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        SqliteConnection? connection = null;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 60 }.ConnectionString);
            connection.Open();
            LibraryDatabase library = new(path, connection);
            library.Prepare();
            return library;
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new LibraryException($"The library '{path}' cannot be opened: {error.Message} Give another file with --library, or move this one away.", error);
        }
    }

    /// <summary>Runs a block in one transaction that may write; it is undone where the block throws.</summary>
    public T Write<T>(Func<SqlSession, T> block)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        T result = block(new SqlSession(_connection, transaction));
        transaction.Commit();
        return result;
    }

    /// <summary>Runs a block in one transaction that may write.</summary>
    public void Write(Action<SqlSession> block) => Write(session =>
    {
        block(session);
        return true;
    });

    /// <summary>Runs a block that sees one state of the library.</summary>
    public T Read<T>(Func<SqlSession, T> block)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: true);
        return block(new SqlSession(_connection, transaction));
    }

    /// <summary>Outside of a transaction, for VACUUM.</summary>
    public SqlSession Bare() => new(_connection, null);

    public void Dispose() => _connection.Dispose();

    private void Prepare()
    {
        Bare().Run("PRAGMA busy_timeout = 60000");
        Bare().Run("PRAGMA journal_mode = WAL");
        Bare().Run("PRAGMA synchronous = NORMAL");
        long version = Bare().Scalar<long>("PRAGMA user_version");
        if (version == 0)
        {
            Write(session =>
            {
                if (session.Scalar<long>("PRAGMA user_version") != 0)
                    return;
                session.Run(LibrarySchema.Create);
                session.Run($"PRAGMA user_version = {LibrarySchema.Version}");
            });
        }
        else if (version != LibrarySchema.Version)
        {
            throw new LibraryException(
                $"The library '{Path}' was made by another version of this program (its schema is {version}, this one's {LibrarySchema.Version}). "
                + "Scan into another file with --library.");
        }
    }
}
