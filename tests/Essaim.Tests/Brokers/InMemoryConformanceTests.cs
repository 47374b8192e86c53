using System.Runtime.InteropServices;
using Essaim.Conformance;

namespace Essaim.Tests.Brokers;

public sealed class InMemoryBrokerTests : BrokerConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryLeaseTests : LeaseConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemorySettlementTests : SettlementConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryChordTests : ChordConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryWaitingTests : WaitingConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryResultStoreTests : ResultStoreConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryEventLogTests : EventLogConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryControlBusTests : ControlBusConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryConfigStoreTests : ConfigStoreConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryScheduleStoreTests : ScheduleStoreConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryQueueLimitTests : QueueLimitConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryStepStoreTests : StepStoreConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}

public sealed class InMemoryBlobStoreTests : BlobStoreConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));

    protected override async ValueTask DamageAsync(string id)
    {
        Assert.True(MemoryMarshal.TryGetArray((await Backend.Blobs.GetAsync(id, Stop))!.Value, out ArraySegment<byte> kept));
        kept[0] ^= 1;
    }
}

public sealed class InMemoryTaskLogTests : TaskLogConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(new InMemoryBackend(time));
}
