using Essaim.Protocol;

namespace Essaim;

/// <summary>Periodic schedules. A firing is compare-and-set together with its publication, so several cores fire it once.</summary>
public interface IScheduleStore
{
    /// <summary>All schedules, by name.</summary>
    ValueTask<IReadOnlyList<ScheduleRecord>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Adds or changes a schedule. Where a schedule of this name with the same <see cref="ScheduleRecord.Definition"/> exists,
    /// only <see cref="ScheduleRecord.Enabled"/> is taken over and its progress (last and next run) stays.
    /// </summary>
    ValueTask PutAsync(ScheduleRecord schedule, CancellationToken cancellationToken);

    /// <summary>Removes a schedule. False where there is none.</summary>
    ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// In one step: if <paramref name="name"/>'s next run is still <paramref name="expectedNextRun"/> and it is enabled, records the
    /// firing (<paramref name="lastRun"/>, <paramref name="lastTaskId"/>, <paramref name="nextRun"/>) and publishes
    /// <paramref name="outgoing"/>. False where another core was faster or the schedule changed.
    /// </summary>
    ValueTask<bool> TryFireAsync(
        string name, DateTimeOffset? expectedNextRun, DateTimeOffset lastRun, string? lastTaskId, DateTimeOffset? nextRun, Outgoing outgoing,
        CancellationToken cancellationToken);
}

/// <summary>A stored schedule and where it stands.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Definition">What and when, as JSON (see <c>ScheduleDefinition</c>).</param>
/// <param name="Enabled">False while paused.</param>
/// <param name="NextRun">When it fires next; null: not worked out yet.</param>
/// <param name="LastRun">When it fired last.</param>
/// <param name="LastTaskId">The task of the last firing.</param>
public sealed record ScheduleRecord(
    string Name, RawJson Definition, bool Enabled, DateTimeOffset? NextRun = null, DateTimeOffset? LastRun = null, string? LastTaskId = null);
