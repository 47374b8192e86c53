using Essaim.Conformance;

namespace Essaim.Redis.Tests;

public sealed class RedisEventBusTests(OwnServer server) : EventBusConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);
}
