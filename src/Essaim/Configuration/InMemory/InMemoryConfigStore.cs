using System.Globalization;
using System.Runtime.CompilerServices;

namespace Essaim;

/// <summary>The published configuration in memory.</summary>
internal sealed class InMemoryConfigStore(TimeProvider time) : IConfigStore
{
    private readonly Lock _gate = new();
    private readonly List<ConfigSnapshot> _published = [];
    private readonly LatchSet _watchers = new(time);

    public ValueTask<ConfigSnapshot?> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return new(_published.LastOrDefault());
    }

    public ValueTask<ConfigSnapshot?> PublishAsync(ConfigDocument document, string? expectedVersion, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ConfigSnapshot snapshot;
        lock (_gate)
        {
            if (_published.LastOrDefault()?.Version != expectedVersion)
                return new((ConfigSnapshot?)null);
            string version = (_published.Count + 1).ToString(CultureInfo.InvariantCulture);
            _published.Add(snapshot = new ConfigSnapshot(version, time.GetUtcNow(), document));
        }

        _watchers.SetAll();
        return new(snapshot);
    }

    public async IAsyncEnumerable<ConfigSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Latch news = _watchers.Add();
        try
        {
            for (int seen = -1; ;)
            {
                foreach (ConfigSnapshot snapshot in GetAfter(ref seen))
                    yield return snapshot;
                await news.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
        finally
        {
            _watchers.Remove(news);
        }
    }

    // At first only the current one, then each.
    private ConfigSnapshot[] GetAfter(ref int seen)
    {
        lock (_gate)
        {
            int from = seen < 0 ? Math.Max(0, _published.Count - 1) : seen;
            seen = _published.Count;
            return [.. _published.Skip(from)];
        }
    }
}
