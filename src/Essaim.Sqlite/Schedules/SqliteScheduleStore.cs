namespace Essaim.Sqlite;

/// <summary>Schedules in the file.</summary>
internal sealed class SqliteScheduleStore(SqliteEngine engine) : IScheduleStore
{
    public ValueTask<IReadOnlyList<ScheduleRecord>> ListAsync(CancellationToken cancellationToken) => new(engine.Read(ScheduleRows.ReadAll));

    public async ValueTask PutAsync(ScheduleRecord schedule, CancellationToken cancellationToken) =>
        await engine.WriteAsync(step => ScheduleRows.Put(step, schedule), durable: true, cancellationToken);

    public ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken) =>
        engine.WriteAsync(step => ScheduleRows.Remove(step, name), durable: true, cancellationToken);

    public ValueTask<bool> TryFireAsync(
        string name, DateTimeOffset? expectedNextRun, DateTimeOffset lastRun, string? lastTaskId, DateTimeOffset? nextRun, Outgoing outgoing,
        CancellationToken cancellationToken)
    {
        outgoing.Check();
        return engine.WriteAsync(
            step => ScheduleRows.TryFire(step, name, expectedNextRun, lastRun, lastTaskId, nextRun, outgoing), durable: true, cancellationToken);
    }
}
