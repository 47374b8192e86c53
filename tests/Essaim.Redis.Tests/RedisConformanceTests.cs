using Essaim.Conformance;

namespace Essaim.Redis.Tests;

public sealed class RedisBrokerTests(OwnServer server) : BrokerConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);
}

public sealed class RedisLeaseTests(OwnServer server) : LeaseConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);
}

public sealed class RedisSettlementTests(OwnServer server) : SettlementConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);

    protected override async ValueTask AdvanceAsync(TimeSpan span)
    {
        await base.AdvanceAsync(span);
        await server.AgeAsync(span);
    }
}

public sealed class RedisChordTests(OwnServer server) : ChordConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);
}

public sealed class RedisWaitingTests(OwnServer server) : WaitingConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);
}

public sealed class RedisResultStoreTests(OwnServer server) : ResultStoreConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);

    protected override bool ExpiresByItself => true;

    protected override async ValueTask AdvanceAsync(TimeSpan span)
    {
        await base.AdvanceAsync(span);
        await server.AgeAsync(span);
    }
}

public sealed class RedisQueueLimitTests(OwnServer server) : QueueLimitConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);
}

public sealed class RedisStepStoreTests(OwnServer server) : StepStoreConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);

    protected override bool ExpiresByItself => true;

    protected override async ValueTask AdvanceAsync(TimeSpan span)
    {
        await base.AdvanceAsync(span);
        await server.AgeAsync(span);
    }
}

public sealed class RedisBlobStoreTests(OwnServer server) : BlobStoreConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);

    protected override bool ExpiresByItself => true;

    protected override async ValueTask AdvanceAsync(TimeSpan span)
    {
        await base.AdvanceAsync(span);
        await server.AgeAsync(span);
    }

    protected override async ValueTask DamageAsync(string id)
    {
        await using RedisClient client = await OwnServer.ConnectAsync(server.Url);
        await client.SendAsync(new RespCommand("HSET").Add($"{OwnServer.Keys.Own}blob:{id}").Add("0").Add(new byte[10]), Stop);
    }
}

public sealed class RedisTaskLogTests(OwnServer server) : TaskLogConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time);

    protected override bool ExpiresByItself => true;

    protected override async ValueTask AdvanceAsync(TimeSpan span)
    {
        await base.AdvanceAsync(span);
        await server.AgeAsync(span);
    }
}

public sealed class Resp3TaskLogTests(OwnServer server) : TaskLogConformance, IClassFixture<OwnServer>
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => server.OpenEmptyAsync(time, "?protocol=3");

    protected override bool ExpiresByItself => true;

    protected override async ValueTask AdvanceAsync(TimeSpan span)
    {
        await base.AdvanceAsync(span);
        await server.AgeAsync(span);
    }
}
