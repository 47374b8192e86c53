namespace Essaim.Sqlite;

/// <summary>One write transaction: what its operations share. Used by the writer thread alone.</summary>
internal sealed class WriteStep(Database database, TimeProvider time)
{
    private long? _first;
    private long _next;

    public Database Db => database;

    /// <summary>Now, for all operations of the step.</summary>
    public DateTimeOffset Now { get; private set; }

    public QueueTable Queues { get; } = new(database);

    public News News { get; } = new();

    /// <summary>A number no step before has given: ids, positions, tokens, versions of results.</summary>
    public long NextNumber()
    {
        if (_first is null)
        {
            _first = database.Use("SELECT value FROM meta WHERE key = 'sequence'").ReadNumber() ?? 0;
            _next = _first.Value;
        }

        return ++_next;
    }

    public void Begin()
    {
        Now = time.GetUtcNow();
        _first = null;
        News.Clear();
        database.Use("BEGIN IMMEDIATE").Run();
    }

    public void Commit()
    {
        Queues.WriteCounts();
        if (_first is not null)
            database.Use("UPDATE meta SET value = ?1 WHERE key = 'sequence'").Add(_next).Run();
        database.Use("COMMIT").Run();
    }

    public void Rollback()
    {
        Queues.Forget();

        // A failed write may have ended the transaction already.
        if (database.IsInTransaction)
            database.Execute("ROLLBACK");
    }
}
