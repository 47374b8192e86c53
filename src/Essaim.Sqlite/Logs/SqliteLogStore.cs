namespace Essaim.Sqlite;

/// <summary>Logs of tasks in the file. Not synced one by one: what a settlement syncs later has them before it.</summary>
internal sealed class SqliteLogStore(SqliteEngine engine) : ITaskLogStore
{
    public ValueTask<TaskLogState?> FindAsync(string taskId, CancellationToken cancellationToken) =>
        new(engine.Read(database => LogRows.Find(database, taskId, engine.Time.GetUtcNow())));

    public ValueTask<string?> AppendAsync(TaskLogAppend append, CancellationToken cancellationToken)
    {
        TimeSpan keep = LogPieces.Check(append);
        return engine.WriteAsync(step => LogRows.Append(step, append, keep), durable: false, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<TaskLogPiece>> ReadAsync(string taskId, long from, int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long start = TimeProvider.System.GetTimestamp();
        Latch? news = null;
        try
        {
            while (true)
            {
                List<TaskLogPiece> pieces = engine.Read(database => LogRows.Read(database, taskId, from, max, engine.Time.GetUtcNow()));
                TimeSpan left = wait - TimeProvider.System.GetElapsedTime(start);
                if (pieces.Count > 0 || left <= TimeSpan.Zero)
                    return pieces;
                // Looked at once more after it listens: something may have come in between.
                if (news is not null)
                    await news.WaitAsync(left, cancellationToken);
                news ??= engine.LogReaders.Add();
            }
        }
        finally
        {
            if (news is not null)
                engine.LogReaders.Remove(news);
        }
    }
}
