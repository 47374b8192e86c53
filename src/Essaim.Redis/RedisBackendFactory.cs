using Essaim;
using Essaim.Redis;

[assembly: BackendFactory(typeof(RedisBackendFactory), "redis", "rediss", "redis+socket", "unix", "sentinel")]

namespace Essaim.Redis;

/// <summary>Opens the URLs kombu knows for Redis.</summary>
internal sealed class RedisBackendFactory : IBackendFactory
{
    public async ValueTask<IBackend> OpenAsync(string url, BackendContext context, CancellationToken cancellationToken) =>
        await RedisBackend.OpenAsync(url, context, cancellationToken);
}
