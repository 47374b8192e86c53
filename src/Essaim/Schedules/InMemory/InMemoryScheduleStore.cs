namespace Essaim;

/// <summary>Schedules in memory; a firing publishes under the same gate.</summary>
internal sealed class InMemoryScheduleStore(Lock gate, InMemoryBroker broker, TimeProvider time) : IScheduleStore
{
    private readonly SortedDictionary<string, ScheduleRecord> _schedules = new(StringComparer.Ordinal);

    public ValueTask<IReadOnlyList<ScheduleRecord>> ListAsync(CancellationToken cancellationToken)
    {
        lock (gate)
            return new([.. _schedules.Values]);
    }

    public ValueTask PutAsync(ScheduleRecord schedule, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            bool same = _schedules.TryGetValue(schedule.Name, out ScheduleRecord? stored) && stored.Definition == schedule.Definition;
            _schedules[schedule.Name] = same ? stored! with { Enabled = schedule.Enabled } : schedule;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        lock (gate)
            return new(_schedules.Remove(name));
    }

    public ValueTask<bool> TryFireAsync(
        string name, DateTimeOffset? expectedNextRun, DateTimeOffset lastRun, string? lastTaskId, DateTimeOffset? nextRun, Outgoing outgoing,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        outgoing.Check();
        lock (gate)
        {
            if (!_schedules.TryGetValue(name, out ScheduleRecord? stored) || !stored.Enabled || stored.NextRun != expectedNextRun)
                return new(false);
            _schedules[name] = stored with { NextRun = nextRun, LastRun = lastRun, LastTaskId = lastTaskId };
            broker.Publish(outgoing, time.GetUtcNow());
            return new(true);
        }
    }
}
