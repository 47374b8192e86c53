namespace Essaim.Sqlite;

/// <summary>Looks every two seconds, while somebody waits, whether another process changed the file: for bells that were not heard.</summary>
internal sealed class FallbackLooker : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private readonly Database _database;
    private readonly Func<bool> _somebodyWaits;
    private readonly Action _changed;
    private readonly ITimer _timer;
    private long _seen;
    private bool _disposed;

    public FallbackLooker(string path, TimeProvider time, Func<bool> somebodyWaits, Action changed)
    {
        _database = Database.Open(path, create: false);
        _somebodyWaits = somebodyWaits;
        _changed = changed;
        _seen = GetVersion();
        _timer = time.CreateTimer(_ => Look(), null, Every, Every);
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _disposed = true;
            _database.Dispose();
        }
    }

    private void Look()
    {
        if (!_somebodyWaits())
            return;
        try
        {
            lock (_gate)
            {
                if (_disposed)
                    return;
                long version = GetVersion();
                if (version == _seen)
                    return;
                _seen = version;
            }

            _changed();
        }
        catch (BackendException)
        {
            // Whoever uses the file next hears what is wrong with it.
        }
    }

    private long GetVersion() => _database.Use("PRAGMA data_version").ReadNumber() ?? 0;
}
