using System.Runtime.InteropServices;
using SQLitePCL;

namespace Essaim.Sqlite;

/// <summary>One connection to the file, with its prepared statements. Used by one thread at a time.</summary>
internal sealed unsafe class Database : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly int* _logFrames;

    // Statements are looked up by the string object: their SQL is always a constant.
    private readonly Dictionary<string, Statement> _statements = new(ReferenceEqualityComparer.Instance);

    static Database() => Batteries_V2.Init();

    private Database(string path, sqlite3 handle)
    {
        Path = path;
        _handle = handle;
        _logFrames = (int*)NativeMemory.AllocZeroed(sizeof(int));
    }

    public string Path { get; }

    /// <summary>Pages in the log after this connection's last commit.</summary>
    public int LogFrames => *_logFrames;

    public static string LibraryVersion => raw.sqlite3_libversion().utf8_to_string();

    /// <summary>Opens the file.</summary>
    /// <exception cref="BackendException">It cannot be opened.</exception>
    public static Database Open(string path, bool create)
    {
        int flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX | (create ? raw.SQLITE_OPEN_CREATE : 0);
        int code = raw.sqlite3_open_v2(path, out sqlite3 handle, flags, null);
        Database database = new(path, handle);
        if (code != raw.SQLITE_OK)
        {
            BackendException fault = SqliteFault.From(database, code);
            database.Dispose();
            throw fault;
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, 10_000);

        // It takes the place of SQLite's own checkpoints inside a commit.
        NativeSqlite.CountLogFrames(handle, database._logFrames);
        return database;
    }

    /// <summary>The statement for a constant SQL text, ready for its parameters.</summary>
    public Statement Use(string sql)
    {
        if (_statements.TryGetValue(sql, out Statement? statement))
            return statement.Restart();
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt prepared));
        statement = new Statement(this, prepared);
        _statements.Add(sql, statement);
        return statement;
    }

    /// <summary>Runs SQL that gives nothing back, several statements if need be.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    public int GetChanges() => raw.sqlite3_changes(_handle);

    public bool IsInTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>True where SQLite could open the file for reading only.</summary>
    public bool IsReadOnly => raw.sqlite3_db_readonly(_handle, "main") == 1;

    public string GetErrorText() => raw.sqlite3_errmsg(_handle).utf8_to_string();

    public int GetSystemError() => NativeSqlite.GetSystemError(_handle);

    public void Dispose()
    {
        foreach (Statement statement in _statements.Values)
            statement.Dispose();
        _statements.Clear();
        _handle.Dispose();
        NativeMemory.Free(_logFrames);
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw SqliteFault.From(this, code);
    }
}
