using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Essaim.Storage.Sqlite;

/// <summary>A few connections for reading, beside the one writer. A reader sees the last commit and never waits for the writer.</summary>
internal sealed class ReaderPool(string path) : IDisposable
{
    private const int Size = 4;

    private readonly ConcurrentBag<SqliteSession> _free = [];
    private readonly SemaphoreSlim _places = new(Size);

    public async ValueTask<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            SqliteSession session = _free.TryTake(out SqliteSession? kept) ? kept : new SqliteSession(path);
            try
            {
                T value = work(session);
                _free.Add(session);
                return value;
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }
        catch (SqliteException error)
        {
            throw SqliteFailure.Explain(path, error);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose()
    {
        while (_free.TryTake(out SqliteSession? session))
            session.Dispose();
        _places.Dispose();
    }
}
