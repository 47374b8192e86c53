using System.Globalization;

namespace Essaim.Sqlite;

/// <summary>
/// The embedded broker: messages, results, events, control, configuration and schedules in one SQLite file, shared by the processes
/// of one machine. What is acknowledged survives the loss of power. Safe on all threads. The file must lie on a local disk.
/// </summary>
public sealed class SqliteBackend : IBackend
{
    private readonly SqliteEngine _engine;

    private SqliteBackend(SqliteEngine engine)
    {
        _engine = engine;
        Broker = new SqliteBroker(engine);
        Results = new SqliteResultStore(engine);
        Events = new SqliteEventBus(engine);
        Control = new SqliteControlBus(engine);
        Configuration = new SqliteConfigStore(engine);
        Schedules = new SqliteScheduleStore(engine);
        Steps = new SqliteStepStore(engine);
        Blobs = new SqliteBlobStore(engine);
        Logs = new SqliteLogStore(engine);
    }

    /// <inheritdoc />
    public string DisplayUrl => $"sqlite:{_engine.Path}";

    /// <inheritdoc />
    public TimeProvider Clock => _engine.Time;

    /// <inheritdoc />
    public IBroker Broker { get; }

    /// <inheritdoc />
    public IResultStore Results { get; }

    /// <inheritdoc />
    public IEventBus Events { get; }

    /// <inheritdoc />
    public IControlBus Control { get; }

    /// <inheritdoc />
    public IConfigStore Configuration { get; }

    /// <inheritdoc />
    public IScheduleStore Schedules { get; }

    /// <inheritdoc />
    public IStepStore Steps { get; }

    /// <inheritdoc />
    public IBlobStore Blobs { get; }

    /// <inheritdoc />
    public ITaskLogStore Logs { get; }

    /// <summary>Opens the file, making it and its folder where they are missing. Beside it stand <c>PATH-wal</c>, <c>PATH-shm</c> and the folder <c>PATH-bell</c>.</summary>
    /// <param name="path">The file, relative to the working folder or absolute.</param>
    /// <param name="time">Clock of leases, delays and expiry.</param>
    /// <exception cref="BackendException">
    /// <c>ESS2001</c> the file or its folder cannot be opened or made; <c>ESS2002</c> not Essaim's; <c>ESS2003</c> damaged; <c>ESS2004</c> written
    /// by a newer Essaim; <c>ESS2005</c> disk full; <c>ESS2006</c> read-only; <c>ESS2007</c> locked by another program; <c>ESS2008</c> other trouble
    /// with the disk.
    /// </exception>
    public static SqliteBackend Open(string path, TimeProvider time) => new(SqliteEngine.Open(path, time));

    /// <inheritdoc />
    public async ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _engine.WriteAsync(
                step => step.Db.Use("UPDATE meta SET value = ?1 WHERE key = 'probe'").Add(step.Now.UtcTicks).Run(), durable: true, cancellationToken);
            double megabytes = new FileInfo(_engine.Path).Length / 1e6;
            return new BackendHealth(true, string.Create(
                CultureInfo.InvariantCulture, $"SQLite {Database.LibraryVersion}, schema {Schema.Migrations.Count}, {megabytes:0.0} MB"));
        }
        catch (Exception error) when (error is BackendException or IOException)
        {
            return new BackendHealth(false, error.Message);
        }
    }

    /// <summary>Writes what is queued and closes the file.</summary>
    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
