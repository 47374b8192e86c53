namespace Essaim.Sqlite;

/// <summary>
/// Copies the log into the main file so that the log stays short. A thread of its own does it while others go on writing; only where
/// they write so steadily that it never catches up does a writer wait, in its turn, for the little that is left.
/// </summary>
internal sealed class Checkpointer
{
    // Frames, a page of 4 KB each.
    private const int StartAt = 2_000;
    private const int LongAt = 8_000;
    private readonly string _path;
    private readonly Mailbox<bool> _inbox = new();
    private readonly Thread _thread;
    private readonly Lock _checkpointing = new();
    private Database? _database;
    private int _startAt = StartAt;
    private int _longAt = LongAt;

    public Checkpointer(string path)
    {
        _path = path;
        _thread = new Thread(Work) { IsBackground = true, Name = "essaim-sqlite-checkpointer" };
        _thread.Start();
    }

    /// <summary>Called by the writer, in its turn, after each commit.</summary>
    public void RunIfLogIsLong(Database database)
    {
        int frames = database.LogFrames;
        if (frames < StartAt)
            (_startAt, _longAt) = (StartAt, LongAt);
        if (frames >= _longAt)
        {
            // Where a reader holds the log, trying again at once would not help.
            _longAt = frames + StartAt;
            Checkpoint(database);
        }
        else if (frames >= _startAt)
        {
            _startAt = frames + StartAt;
            _inbox.TryAdd(true);
        }
    }

    public void Stop()
    {
        _inbox.Close();
        _thread.Join();
        _database?.Dispose();
    }

    /// <param name="database">The writer's; null: the one of this thread, which most processes never need.</param>
    private void Checkpoint(Database? database)
    {
        try
        {
            lock (_checkpointing)
                (database ?? (_database ??= Database.Open(_path, create: false))).Use("PRAGMA wal_checkpoint(PASSIVE)").Run();
        }
        catch (BackendException)
        {
            // Nothing is lost: it stays in the log, and who writes next hears of a disk that is full or broken.
        }
    }

    private void Work()
    {
        while (_inbox.TakeAll() is not null)
            Checkpoint(null);
    }
}
