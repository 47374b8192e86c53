using System.Runtime.CompilerServices;

namespace Essaim.Sqlite;

/// <summary>The published configuration in the file.</summary>
internal sealed class SqliteConfigStore(SqliteEngine engine) : IConfigStore
{
    public ValueTask<ConfigSnapshot?> ReadAsync(CancellationToken cancellationToken) => new(engine.Read(database => ConfigRows.ReadLast(database, 1)).FirstOrDefault());

    public ValueTask<ConfigSnapshot?> PublishAsync(ConfigDocument document, string? expectedVersion, CancellationToken cancellationToken) =>
        engine.WriteAsync(step => ConfigRows.Publish(step, document, expectedVersion), durable: true, cancellationToken);

    public ValueTask<IReadOnlyList<ConfigSnapshot>> GetHistoryAsync(CancellationToken cancellationToken) =>
        new(engine.Read(database => ConfigRows.ReadLast(database, IConfigStore.Kept)));

    public async IAsyncEnumerable<ConfigSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Latch news = engine.ConfigWatchers.Add();
        try
        {
            string? seen = null;
            while (true)
            {
                if (await ReadAsync(cancellationToken) is { } current && current.Version != seen)
                {
                    seen = current.Version;
                    yield return current;
                }

                await news.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
        finally
        {
            engine.ConfigWatchers.Remove(news);
        }
    }
}
