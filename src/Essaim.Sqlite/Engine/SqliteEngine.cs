namespace Essaim.Sqlite;

/// <summary>The open file: its writer, its readers, and who is to be woken when something changes. Safe on all threads.</summary>
internal sealed class SqliteEngine : IAsyncDisposable
{
    private readonly Database _database;
    private readonly Turn _turn;
    private readonly Syncer _syncer;
    private readonly Checkpointer _checkpointer;
    private readonly Writer _writer;
    private readonly ReadPool _reads;
    private readonly Bell _bell;
    private readonly FallbackLooker _looker;
    private int _disposed;

    private SqliteEngine(string path, string bellFolder, Database database, Turn turn, TimeProvider time)
    {
        Path = path;
        Time = time;
        _database = database;
        _turn = turn;
        WorkBell = new WorkBell(time);
        ResultWatchers = new ResultWatchers(time);
        EventReaders = new LatchSet(time);
        LogReaders = new LatchSet(TimeProvider.System);
        ControlListeners = new LatchSet(time);
        ConfigWatchers = new LatchSet(time);
        _reads = new ReadPool(path);
        _syncer = new Syncer(path);
        _checkpointer = new Checkpointer(path);
        _bell = new Bell(bellFolder, Hear, TimeProvider.System.GetUtcNow());
        _writer = new Writer(database, turn, _syncer, _checkpointer, time, Announce);
        _looker = new FallbackLooker(_writer, time, SomebodyWaits, () => Hear(null));
    }

    public string Path { get; }

    public TimeProvider Time { get; }

    public WorkBell WorkBell { get; }

    public ResultWatchers ResultWatchers { get; }

    public LatchSet EventReaders { get; }

    /// <summary>Woken with readers of events. They wait by the machine's clock.</summary>
    public LatchSet LogReaders { get; }

    public LatchSet ControlListeners { get; }

    public LatchSet ConfigWatchers { get; }

    /// <summary>Opens the file, making it and its folder where they are missing.</summary>
    /// <exception cref="BackendException">It cannot be opened; nothing half-made is left.</exception>
    public static SqliteEngine Open(string path, TimeProvider time) => Open(path, time, Schema.Migrations);

    internal static SqliteEngine Open(string path, TimeProvider time, IReadOnlyList<string> migrations)
    {
        path = System.IO.Path.GetFullPath(path);
        string bellFolder = path + "-bell";
        bool isNew = !File.Exists(path);
        MakeFolder(System.IO.Path.GetDirectoryName(path)!, path);
        Database? database = null;
        Turn? turn = null;
        try
        {
            database = Database.Open(path, create: true);
            Schema.CheckReadable(database);
            MakeFolder(bellFolder, path);
            turn = new Turn(System.IO.Path.Combine(bellFolder, "turn"));
            turn.Take();
            if (!File.Exists(path))
                throw new BackendException(SqliteFault.BadFolder, $"{path} was removed while it was being opened. Start again.");
            Prepare(database, migrations);
            turn.Release();
            return new SqliteEngine(path, bellFolder, database, turn, time);
        }
        catch
        {
            database?.Dispose();
            if (isNew)
                RemoveEmpty(path, bellFolder);
            turn?.Dispose();
            throw;
        }
    }

    /// <summary>Runs an operation on the writer; see <see cref="Writer.RunAsync"/>.</summary>
    public ValueTask<T> WriteAsync<T>(Func<WriteStep, T> run, bool durable, CancellationToken cancellationToken) =>
        _writer.RunAsync(run, durable, cancellationToken);

    /// <summary>Runs an operation on the writer; see <see cref="Writer.RunAsync"/>.</summary>
    public ValueTask<bool> WriteAsync(Action<WriteStep> run, bool durable, CancellationToken cancellationToken) => _writer.RunAsync(
        step =>
        {
            run(step);
            return true;
        },
        durable,
        cancellationToken);

    /// <summary>Reads on a connection of its own.</summary>
    public T Read<T>(Func<Database, T> read) => _reads.Read(read);

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return ValueTask.CompletedTask;
        _looker.Dispose();
        _writer.Stop();
        _syncer.Stop();
        _checkpointer.Stop();
        _bell.Dispose();
        _reads.Dispose();

        // The last connection to close copies the log into the file; others must not begin to open it meanwhile.
        _turn.Take();
        _database.Dispose();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Prepare(Database database, IReadOnlyList<string> migrations)
    {
        // The log's own entry in the folder is synced with the first full sync, so the first transaction has one.
        database.Execute("PRAGMA synchronous = FULL");
        Schema.Migrate(database, migrations);
        database.Execute("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;");
    }

    private static void MakeFolder(string folder, string path)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BackendException(
                SqliteFault.BadFolder,
                $"The folder {folder} for {path} cannot be made: {error.Message} Give this user the right to make it, or name another file.",
                error);
        }
    }

    private static void RemoveEmpty(string path, string bellFolder)
    {
        try
        {
            // Not empty: another process made it meanwhile, and uses the folder.
            FileInfo made = new(path);
            if (made is { Exists: true, Length: > 0 })
                return;
            made.Delete();
            if (Directory.Exists(bellFolder))
                Directory.Delete(bellFolder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that is already on its way says more.
        }
    }

    private bool SomebodyWaits() =>
        WorkBell.Any || EventReaders.Any || LogReaders.Any || ControlListeners.Any || ConfigWatchers.Any || ResultWatchers.Any;

    // On the writer thread, after each commit.
    private void Announce(News news)
    {
        if (news.Queues.Count > 0)
        {
            foreach (string queue in news.Queues)
                WorkBell.Ring(queue);
            _bell.Ring(BellKind.Work);
        }

        if (news.Results.Count > 0)
        {
            ResultWatchers.Changed(news.Results);
            _bell.Ring(BellKind.Results);
        }

        if (news.Events)
        {
            EventReaders.SetAll();
            LogReaders.SetAll();
            _bell.Ring(BellKind.Events);
        }

        if (news.Control)
        {
            ControlListeners.SetAll();
            _bell.Ring(BellKind.Control);
        }

        if (news.Configuration)
        {
            ConfigWatchers.SetAll();
            _bell.Ring(BellKind.Configuration);
        }
    }

    // Another process rang.
    private void Hear(BellKind? kind)
    {
        try
        {
            if (kind is null or BellKind.Work)
                WorkBell.RingAll();
            if (kind is null or BellKind.Results)
                ResultWatchers.Follow(_reads);
            if (kind is null or BellKind.Events)
            {
                EventReaders.SetAll();
                LogReaders.SetAll();
            }

            if (kind is null or BellKind.Control)
                ControlListeners.SetAll();
            if (kind is null or BellKind.Configuration)
                ConfigWatchers.SetAll();
        }
        catch (BackendException)
        {
            // Closing, or the file is broken: whoever uses it next hears of it.
        }
    }
}
