using Essaim.Conformance;

namespace Essaim.Redis.Tests;

public sealed class RedisScheduleStoreTests(OwnServer server) : ScheduleStoreConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);
}
