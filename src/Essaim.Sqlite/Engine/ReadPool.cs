using System.Collections.Concurrent;

namespace Essaim.Sqlite;

/// <summary>Connections for reading; each sees the last commit at the moment it reads, and waits for no writer.</summary>
internal sealed class ReadPool(string path) : IDisposable
{
    private const int Kept = 4;
    private readonly ConcurrentBag<Database> _idle = [];
    private volatile bool _disposed;

    /// <summary>Reads. The function must not keep the connection.</summary>
    public T Read<T>(Func<Database, T> read)
    {
        if (_disposed)
            throw SqliteFault.Disposed(path);
        if (!_idle.TryTake(out Database? database))
        {
            database = Database.Open(path, create: false);
            database.Execute("PRAGMA query_only = 1; PRAGMA cache_size = -1000;");
        }

        bool whole = false;
        try
        {
            T value = read(database);
            whole = true;
            return value;
        }
        finally
        {
            // One that failed half-way may hold a read open.
            if (whole && !_disposed && _idle.Count < Kept)
                _idle.Add(database);
            else
                database.Dispose();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out Database? database))
            database.Dispose();
    }
}
