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

public sealed class SqliteBlobStoreTests : BlobStoreConformance
{
    private readonly string _path = TemporaryFiles.NewPath();

    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(_path, time));

    protected override ValueTask DamageAsync(string id)
    {
        using Database database = Database.Open(_path, create: false);
        database.Execute("UPDATE blob_pieces SET bytes = zeroblob(length(bytes)) WHERE place = (SELECT number * 1024 FROM blobs WHERE id = '" + id + "')");
        Assert.Equal(1, database.GetChanges());
        return ValueTask.CompletedTask;
    }
}

public sealed class SqliteTaskLogTests : TaskLogConformance
{
    protected override ValueTask<IBackend> CreateAsync(TimeProvider time) => new(SqliteBackend.Open(TemporaryFiles.NewPath(), time));
}
