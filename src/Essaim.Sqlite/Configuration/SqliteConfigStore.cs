using System.Runtime.CompilerServices;

namespace Essaim.Sqlite;

/// <summary>The published configuration in the file.</summary>
internal sealed class SqliteConfigStore(SqliteEngine engine) : IConfigStore
{
    public ValueTask<ConfigSnapshot?> ReadAsync(CancellationToken cancellationToken) => new(ReadCurrent().LastOrDefault().Snapshot);

    public ValueTask<ConfigSnapshot?> PublishAsync(ConfigDocument document, string? expectedVersion, CancellationToken cancellationToken) =>
        engine.WriteAsync(step => ConfigRows.Publish(step, document, expectedVersion), durable: true, cancellationToken);

    public async IAsyncEnumerable<ConfigSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Latch news = engine.ConfigWatchers.Add();
        try
        {
            List<(long Version, ConfigSnapshot Snapshot)> snapshots = ReadCurrent();
            for (long seen = 0; ;)
            {
                foreach ((long version, ConfigSnapshot snapshot) in snapshots)
                {
                    seen = version;
                    yield return snapshot;
                }

                await news.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
                snapshots = engine.Read(database => ConfigRows.ReadAfter(database, seen));
            }
        }
        finally
        {
            engine.ConfigWatchers.Remove(news);
        }
    }

    private List<(long Version, ConfigSnapshot Snapshot)> ReadCurrent() =>
        engine.Read(database => ConfigRows.ReadAfter(database, ConfigRows.ReadLastVersion(database) - 1));
}
