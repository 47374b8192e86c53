namespace Essaim;

/// <summary>Logs of tasks in this process.</summary>
internal sealed class InMemoryLogs(Lock gate, TimeProvider time) : ITaskLogStore
{
    private readonly Dictionary<string, KeptLog> _logs = new(StringComparer.Ordinal);
    private readonly LatchSet _readers = new(TimeProvider.System);

    public ValueTask<TaskLogState?> FindAsync(string taskId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return new(Find(taskId) is { } log ? new TaskLogState(log.Length, log.Mark) : null);
    }

    public ValueTask<string?> AppendAsync(TaskLogAppend append, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TimeSpan keep = LogPieces.Check(append);
        lock (gate)
        {
            KeptLog? log = Find(append.TaskId);
            if (log?.Mark != append.Mark && log?.Mark != append.After)
                return new(log?.Mark);
            log ??= _logs[append.TaskId] = new KeptLog();
            if (log.Mark != append.Mark)
            {
                foreach (TaskLogPiece piece in append.Pieces)
                {
                    log.Pieces.Add(piece with { Offset = log.Length, Bytes = piece.Bytes.ToArray() });
                    log.Length += piece.Bytes.Length;
                }
            }

            log.Mark = append.Mark;
            log.Until = time.GetUtcNow() + keep;
        }

        _readers.SetAll();
        return new(append.Mark);
    }

    public async ValueTask<IReadOnlyList<TaskLogPiece>> ReadAsync(string taskId, long from, int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long start = TimeProvider.System.GetTimestamp();
        Latch news = _readers.Add();
        try
        {
            while (true)
            {
                TaskLogPiece[] pieces = Read(taskId, from, max);
                TimeSpan left = wait - TimeProvider.System.GetElapsedTime(start);
                if (pieces.Length > 0 || left <= TimeSpan.Zero)
                    return pieces;
                await news.WaitAsync(left, cancellationToken);
            }
        }
        finally
        {
            _readers.Remove(news);
        }
    }

    /// <summary>Under the gate: forgets those whose time is over. Returns how many.</summary>
    internal int Prune(DateTimeOffset now)
    {
        string[] expired = [.. _logs.Where(log => log.Value.Until <= now).Select(log => log.Key)];
        foreach (string taskId in expired)
            _logs.Remove(taskId);
        return expired.Length;
    }

    private TaskLogPiece[] Read(string taskId, long from, int max)
    {
        lock (gate)
            return [.. Find(taskId)?.Pieces.Where(piece => piece.End > from).Take(max).Select(piece => LogPieces.From(piece, from)) ?? []];
    }

    private KeptLog? Find(string taskId)
    {
        if (!_logs.TryGetValue(taskId, out KeptLog? log))
            return null;
        if (log.Until > time.GetUtcNow())
            return log;
        _logs.Remove(taskId);
        return null;
    }

    private sealed class KeptLog
    {
        public List<TaskLogPiece> Pieces { get; } = [];

        public long Length { get; set; }

        public string Mark { get; set; } = "";

        public DateTimeOffset Until { get; set; }
    }
}
