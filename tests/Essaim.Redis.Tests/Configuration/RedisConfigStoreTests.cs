using Essaim.Conformance;

namespace Essaim.Redis.Tests;

public sealed class RedisConfigStoreTests(OwnServer server) : ConfigStoreConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);
}
