using System.Buffers;
using System.Text;
using SQLitePCL;

namespace Essaim.Sqlite;

/// <summary>
/// A prepared statement that is used again and again: <see cref="Add(long)"/> its parameters in order, then <see cref="Run"/>, or
/// <see cref="Step"/> through its rows. Not safe on several threads.
/// </summary>
internal sealed class Statement(Database database, sqlite3_stmt handle) : IDisposable
{
    private int _bound;
    private bool _stepped;

    /// <summary>Ready for new parameters.</summary>
    public Statement Restart()
    {
        if (_stepped)
            raw.sqlite3_reset(handle);
        _stepped = false;
        _bound = 0;
        return this;
    }

    public Statement Add(long value)
    {
        raw.sqlite3_bind_int64(handle, ++_bound, value);
        return this;
    }

    public Statement Add(long? value) => value is { } number ? Add(number) : AddNull();

    public Statement Add(string? value)
    {
        if (value is null)
            return AddNull();
        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        byte[]? rented = most > 512 ? ArrayPool<byte>.Shared.Rent(most) : null;
        Span<byte> buffer = rented ?? stackalloc byte[512];
        raw.sqlite3_bind_text(handle, ++_bound, buffer[..Encoding.UTF8.GetBytes(value, buffer)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return this;
    }

    public Statement Add(ReadOnlySpan<byte> value)
    {
        // An empty blob would be bound as NULL.
        if (value.IsEmpty)
            raw.sqlite3_bind_zeroblob(handle, ++_bound, 0);
        else
            raw.sqlite3_bind_blob(handle, ++_bound, value);
        return this;
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Run()
    {
        while (Step())
        {
            // RETURNING and PRAGMA give rows nobody asked for.
        }
    }

    /// <summary>Runs a statement and says how many rows it changed.</summary>
    public int RunCounting()
    {
        Run();
        return database.GetChanges();
    }

    /// <summary>The next row; false, and ready for a new use, after the last.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(handle);
        _stepped = true;
        if (code == raw.SQLITE_ROW)
            return true;
        BackendException? fault = code == raw.SQLITE_DONE ? null : SqliteFault.From(database, code);
        Restart();
        return fault is null ? false : throw fault;
    }

    /// <summary>The first column of the only row, or null where there is no row or it is NULL.</summary>
    public long? ReadNumber()
    {
        long? value = Step() ? GetNullableInt64(0) : null;
        Restart();
        return value;
    }

    public long GetInt64(int column) => raw.sqlite3_column_int64(handle, column);

    public int GetInt32(int column) => raw.sqlite3_column_int(handle, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long? GetNullableInt64(int column) => IsNull(column) ? null : GetInt64(column);

    public string GetText(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string();

    public string? GetNullableText(int column) => IsNull(column) ? null : GetText(column);

    public byte[] GetBytes(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    public void Dispose() => handle.Dispose();

    private Statement AddNull()
    {
        raw.sqlite3_bind_null(handle, ++_bound);
        return this;
    }
}
