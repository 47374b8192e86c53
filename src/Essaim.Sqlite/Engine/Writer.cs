namespace Essaim.Sqlite;

/// <summary>
/// The one thread of this process that writes to the file. It takes everything that waits into one transaction (group commit), and
/// hands what must be durable to the <see cref="Syncer"/>, so that many callers share one sync and the next transaction runs
/// while the disk works.
/// <para>
/// Power loss: the file is in WAL mode. A commit appends checksummed frames to the log without syncing (synchronous=NORMAL); a
/// durable operation is acknowledged only after the log was synced. After a loss of power SQLite reads the log up to its last whole
/// commit, so that what was acknowledged is there, and what is there is a prefix of what was done, in order. A checkpoint syncs the log
/// before it copies pages, and the pages before the log may be overwritten. Claims, renewals, events and passing states are not
/// synced: losing them with the power is as if they had not happened yet.
/// </para>
/// <para>
/// Processes take turns through a lock file the kernel queues them on: SQLite's own busy handler sleeps between its tries.
/// A killed process loses that lock at once.
/// </para>
/// </summary>
internal sealed class Writer
{
    private const int MostAtOnce = 512;
    private readonly Database _database;
    private readonly Turn _turn;
    private readonly Syncer _syncer;
    private readonly Checkpointer _checkpointer;
    private readonly Action<News> _announce;
    private readonly WriteStep _step;
    private readonly Mailbox<WriteOperation> _inbox = new();
    private readonly List<WriteOperation> _batch = [];
    private readonly Thread _thread;

    public Writer(Database database, Turn turn, Syncer syncer, Checkpointer checkpointer, TimeProvider time, Action<News> announce)
    {
        _database = database;
        _turn = turn;
        _syncer = syncer;
        _checkpointer = checkpointer;
        _announce = announce;
        _step = new WriteStep(database, time);
        _thread = new Thread(Work) { IsBackground = true, Name = "essaim-sqlite-writer" };
        _thread.Start();
    }

    /// <summary>Runs an operation. Once it is queued it cannot be cancelled.</summary>
    /// <param name="run">What to do; may be called more than once, only the last counts.</param>
    /// <param name="durable">Wait until it is on the disk.</param>
    /// <param name="cancellationToken">Looked at before it is queued.</param>
    public ValueTask<T> RunAsync<T>(Func<WriteStep, T> run, bool durable, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        WriteOperation<T> operation = new(run, durable);
        return _inbox.TryAdd(operation) ? new ValueTask<T>(operation.Completion) : throw SqliteFault.Disposed(_database.Path);
    }

    /// <summary>Writes what is queued, then ends the thread.</summary>
    public void Stop()
    {
        _inbox.Close();
        _thread.Join();
    }

    private void Work()
    {
        while (_inbox.TakeAll() is { } waiting)
        {
            // A huge backlog in one transaction would keep other processes waiting.
            for (int from = 0; from < waiting.Count; from += MostAtOnce)
            {
                _batch.Clear();
                _batch.AddRange(waiting.GetRange(from, Math.Min(MostAtOnce, waiting.Count - from)));
                Write();
            }
        }
    }

    private void Write()
    {
        _turn.Take();
        try
        {
            _syncer.RepairIfNeeded(_database);
            while (_batch.Count > 0 && !TryWriteOnce())
            {
                // Once more, without the operation that failed.
            }

            _checkpointer.RunIfLogIsLong(_database);
        }
        catch (BackendException error)
        {
            FailAll(error);
        }
        finally
        {
            _turn.Release();
        }

        if (_batch.Count == 0)
            return;
        _announce(_step.News);
        Acknowledge();
    }

    private bool TryWriteOnce()
    {
        WriteOperation? current = null;
        try
        {
            _step.Begin();
            foreach (WriteOperation operation in _batch)
            {
                current = operation;
                operation.Run(_step);
            }

            current = null;
            _step.Commit();
            return true;
        }
        catch (Exception error)
        {
            _step.Rollback();

            // What SQLite refuses concerns the file, and so everybody; anything else only the operation it came from.
            if (error is BackendException || current is null)
                throw error as BackendException ?? new BackendException(SqliteFault.Failed, error.Message, error);
            current.Fail(error);
            _batch.Remove(current);
            return false;
        }
    }

    private void FailAll(BackendException error)
    {
        foreach (WriteOperation operation in _batch)
            operation.Fail(error);
        _batch.Clear();
    }

    private void Acknowledge()
    {
        List<WriteOperation>? durable = null;
        foreach (WriteOperation operation in _batch)
        {
            if (operation.Durable)
                (durable ??= new List<WriteOperation>(_batch.Count)).Add(operation);
            else
                operation.Acknowledge();
        }

        if (durable is not null)
            _syncer.Add(durable);
    }
}
