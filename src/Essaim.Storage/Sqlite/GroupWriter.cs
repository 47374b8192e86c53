using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Essaim.Storage.Sqlite;

/// <summary>
/// The one writer of the file. What is asked for while a transaction commits goes into the next one together, so that many
/// callers share one commit. Callers go on when their work is committed.
/// </summary>
internal sealed class GroupWriter : IAsyncDisposable
{
    private const int MaxGroup = 256;

    private readonly Channel<Job> _jobs = Channel.CreateBounded<Job>(4096);
    private readonly string _path;
    private readonly SqliteSession _session;
    private readonly Task _loop;
    private bool _durable;

    public GroupWriter(string path, SqliteSession session)
    {
        _path = path;
        _session = session;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Runs <paramref name="work"/> inside a transaction. It may be run twice if the first transaction was rolled back.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="durable">Whether it must survive the loss of power; otherwise it survives the loss of the process.</param>
    /// <param name="cancellationToken">Ends the wait; work already queued may still be done.</param>
    public async ValueTask<T> WriteAsync<T>(Func<SqliteSession, T> work, bool durable, CancellationToken cancellationToken)
    {
        Job<T> job = new(work, durable);
        try
        {
            await _jobs.Writer.WriteAsync(job, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteMetadataStore));
        }

        return await job.Done.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _loop;
        _session.Dispose();
    }

    private async Task RunAsync()
    {
        List<Job> group = new(MaxGroup);
        while (await _jobs.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < MaxGroup && _jobs.Reader.TryRead(out Job? job))
                group.Add(job);
            if (TryCommit(group) is { } error)
                Settle(group, error);
        }
    }

    /// <summary>One bad job must not fail its neighbours: each by itself now, and the bad one gets its own error.</summary>
    private void Settle(List<Job> group, Exception error)
    {
        if (group.Count == 1)
            group[0].Fail(Explain(error));
        else
        {
            foreach (Job job in group)
            {
                if (TryCommit([job]) is { } own)
                    job.Fail(Explain(own));
            }
        }
    }

    private Exception Explain(Exception error) => error is SqliteException sqlite ? SqliteFailure.Explain(_path, sqlite) : error;

    private Exception? TryCommit(IReadOnlyList<Job> group)
    {
        try
        {
            SetDurable(group.Any(job => job.Durable));
            _session.Execute("BEGIN IMMEDIATE");
            foreach (Job job in group)
                job.Run(_session);
            _session.Execute("COMMIT");
        }
        catch (Exception error)
        {
            RollBack();
            return error;
        }

        foreach (Job job in group)
            job.Complete();
        return null;
    }

    private void SetDurable(bool durable)
    {
        if (durable == _durable)
            return;
        _session.Execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        _durable = durable;
    }

    private void RollBack()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself (disk full, I/O error), or the transaction never began.
        }
    }

    private abstract class Job(bool durable)
    {
        public bool Durable { get; } = durable;

        public abstract void Run(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Job<T>(Func<SqliteSession, T> work, bool durable) : Job(durable)
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _value = default!;

        public Task<T> Done => _done.Task;

        public override void Run(SqliteSession session) => _value = work(session);

        public override void Complete() => _done.TrySetResult(_value);

        public override void Fail(Exception error) => _done.TrySetException(error);
    }
}
