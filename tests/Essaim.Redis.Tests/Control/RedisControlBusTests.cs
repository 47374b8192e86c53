using Essaim.Conformance;

namespace Essaim.Redis.Tests;

public sealed class RedisControlBusTests(OwnServer server) : ControlBusConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);
}
