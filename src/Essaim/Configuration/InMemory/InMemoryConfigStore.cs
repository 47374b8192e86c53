using System.Runtime.CompilerServices;

namespace Essaim;

/// <summary>The published configuration in memory.</summary>
internal sealed class InMemoryConfigStore(TimeProvider time) : IConfigStore
{
    private readonly Lock _gate = new();
    private readonly LatchSet _watchers = new(time);
    private IReadOnlyList<ConfigSnapshot> _published = [];
    private long _version;

    private ConfigSnapshot? Current => _published.Count > 0 ? _published[0] : null;

    public ValueTask<ConfigSnapshot?> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return new(Current);
    }

    public ValueTask<ConfigSnapshot?> PublishAsync(ConfigDocument document, string? expectedVersion, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ConfigSnapshot snapshot;
        lock (_gate)
        {
            if (Current?.Version != expectedVersion)
                return new((ConfigSnapshot?)null);
            string version = ConfigVersion.Show(_version = ConfigVersion.Next(_version, time.GetUtcNow()));
            snapshot = new ConfigSnapshot(version, ConfigVersion.InstantOf(version), document) { DeclaredHash = document.Hash };
            _published = [snapshot, .. _published.Take(IConfigStore.Kept - 1)];
        }

        _watchers.SetAll();
        return new(snapshot);
    }

    public ValueTask<IReadOnlyList<ConfigSnapshot>> GetHistoryAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return new(_published);
    }

    public async IAsyncEnumerable<ConfigSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Latch news = _watchers.Add();
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
            _watchers.Remove(news);
        }
    }
}
