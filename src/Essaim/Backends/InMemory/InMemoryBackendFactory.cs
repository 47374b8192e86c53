using System.Collections.Concurrent;
using Essaim;

[assembly: BackendFactory(typeof(InMemoryBackendFactory), "memory")]

namespace Essaim;

/// <summary>Opens <c>memory:</c> and <c>memory:NAME</c>: the same URL is the same backend as long as the process lives.</summary>
internal sealed class InMemoryBackendFactory : IBackendFactory
{
    private static readonly ConcurrentDictionary<string, Lazy<InMemoryBackend>> Opened = new(StringComparer.Ordinal);

    public ValueTask<IBackend> OpenAsync(string url, BackendContext context, CancellationToken cancellationToken) =>
        new(Opened.GetOrAdd(url, static (name, time) => new Lazy<InMemoryBackend>(() => new InMemoryBackend(time, name)), context.Time).Value);
}
