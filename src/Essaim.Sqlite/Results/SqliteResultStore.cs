using System.Runtime.CompilerServices;
using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>Results in the file.</summary>
internal sealed class SqliteResultStore(SqliteEngine engine) : IResultStore
{
    public async ValueTask SetAsync(ResultWrite write, CancellationToken cancellationToken) =>
        await engine.WriteAsync(step => ResultRows.Store(step, write), durable: write.State.IsReady, cancellationToken);

    public ValueTask<ResultDocument?> GetAsync(string taskId, CancellationToken cancellationToken) => new(Get(taskId)?.Document);

    public ValueTask<IReadOnlyList<ResultDocument?>> GetManyAsync(IReadOnlyList<string> taskIds, CancellationToken cancellationToken)
    {
        DateTimeOffset now = engine.Time.GetUtcNow();
        return new(engine.Read<ResultDocument?[]>(database => [.. taskIds.Select(taskId => ResultRows.Read(database, taskId, now)?.Document)]));
    }

    public async IAsyncEnumerable<ResultDocument> WatchAsync(string taskId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Latch changed = engine.ResultWatchers.Add(taskId);
        try
        {
            for (long seen = 0; ;)
            {
                if (Get(taskId) is { } current && current.Version != seen)
                {
                    seen = current.Version;
                    yield return current.Document;
                    if (current.Document.State.IsReady)
                        yield break;
                }

                await changed.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
        finally
        {
            engine.ResultWatchers.Remove(taskId, changed);
        }
    }

    public async ValueTask ForgetAsync(IReadOnlyList<string> taskIds, CancellationToken cancellationToken) => await engine.WriteAsync(
        step =>
        {
            foreach (string taskId in taskIds)
                ResultRows.Forget(step, taskId);
        },
        durable: true,
        cancellationToken);

    public async ValueTask SaveGroupAsync(string groupId, RawJson structure, TimeSpan? expiresAfter, CancellationToken cancellationToken) =>
        await engine.WriteAsync(step => ResultRows.SaveGroup(step, groupId, structure, expiresAfter), durable: true, cancellationToken);

    public ValueTask<RawJson?> GetGroupAsync(string groupId, CancellationToken cancellationToken) =>
        new(engine.Read(database => ResultRows.ReadGroup(database, groupId, engine.Time.GetUtcNow())));

    public ValueTask<IReadOnlyList<FeedEntry>> ReadCompletionsAsync(long position, int max, CancellationToken cancellationToken) =>
        new(engine.Read(database => Completions.Read(database, position, max)));

    private (long Version, ResultDocument Document)? Get(string taskId) =>
        engine.Read(database => ResultRows.Read(database, taskId, engine.Time.GetUtcNow()));
}
