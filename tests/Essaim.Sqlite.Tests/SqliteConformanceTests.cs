using Essaim.Conformance;

namespace Essaim.Sqlite.Tests;

public sealed class SqliteBrokerTests : BrokerConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteLeaseTests : LeaseConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteSettlementTests : SettlementConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteChordTests : ChordConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteWaitingTests : WaitingConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteResultStoreTests : ResultStoreConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteEventLogTests : EventLogConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteControlBusTests : ControlBusConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteConfigStoreTests : ConfigStoreConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteScheduleStoreTests : ScheduleStoreConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteQueueLimitTests : QueueLimitConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}

public sealed class SqliteStepStoreTests : StepStoreConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}
