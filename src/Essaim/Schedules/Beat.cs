using System.Globalization;
using Essaim.Protocol;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Fires what is due. Any number of these may run on one store: a firing is compare-and-set, so it happens once.</summary>
internal sealed partial class Beat(IBackend backend, TaskClientOptions options, ILogger<Beat> logger)
{
    /// <summary>A firing at most this late counts as on time where nothing is caught up.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>Most missed firings that are caught up.</summary>
    public const int MostCaughtUp = 100;

    private readonly FiringComposer _composer = new(options, options.ClockOf(backend));
    private readonly TimeProvider _time = options.ClockOf(backend);
    private readonly Dictionary<string, (RawJson Text, ScheduleDefinition? Definition)> _read = [];

    /// <summary>Fires what is due now. Returns when the next firing is due, as far as known; null where nothing is scheduled.</summary>
    public async ValueTask<DateTimeOffset?> TickAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset? earliest = null;
        foreach (ScheduleRecord record in await backend.Schedules.ListAsync(cancellationToken))
        {
            if (!record.Enabled || ReadDefinition(record) is not { } definition)
                continue;
            DateTimeOffset? next = await FireDueAsync(record, definition, cancellationToken);
            if (earliest is null || next < earliest)
                earliest = next ?? earliest;
        }

        return earliest;
    }

    private async ValueTask<DateTimeOffset?> FireDueAsync(ScheduleRecord record, ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (record.NextRun is not { } first)
            return await SetFirstRunAsync(record, definition, now, cancellationToken);
        if (first > now)
            return first;

        List<DateTimeOffset> due = Choose(definition, first, now);
        DateTimeOffset? afterwards = definition.Next(now, first);
        if (due.Count == 0)
        {
            LogMissed(record.Name, first);
            await backend.Schedules.TryFireAsync(
                record.Name, first, record.LastRun ?? first, record.LastTaskId, afterwards, Outgoing.Nothing, cancellationToken);
            return afterwards;
        }

        DateTimeOffset? expected = first;
        for (int i = 0; i < due.Count; i++)
        {
            DateTimeOffset? next = i + 1 < due.Count ? due[i + 1] : afterwards;
            ScheduleRecord? fired = await FireAsync(record with { NextRun = expected }, definition, due[i], next, cancellationToken);
            if (fired is null)
                return afterwards;
            record = fired;
            expected = next;
        }

        return afterwards;
    }

    /// <summary>A record nobody worked out yet (written by another program): sets its first run without firing.</summary>
    private async ValueTask<DateTimeOffset?> SetFirstRunAsync(
        ScheduleRecord record, ScheduleDefinition definition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A schedule that ran and has no next run has ended.
        if (record.LastRun is not null || definition.Next(now, now) is not { } next)
            return null;
        await backend.Schedules.TryFireAsync(record.Name, null, now, null, next, Outgoing.Nothing, cancellationToken);
        return next;
    }

    private static List<DateTimeOffset> Choose(ScheduleDefinition definition, DateTimeOffset first, DateTimeOffset now)
    {
        List<DateTimeOffset> due = definition.Latest(first, now, definition.CatchUp == CatchUpPolicy.All ? MostCaughtUp : 1);
        if (definition.CatchUp == CatchUpPolicy.None)
            due.RemoveAll(planned => now - planned > Grace);
        return due;
    }

    private async ValueTask<ScheduleRecord?> FireAsync(
        ScheduleRecord record, ScheduleDefinition definition, DateTimeOffset planned, DateTimeOffset? next, CancellationToken cancellationToken)
    {
        if (definition.Overlap == OverlapPolicy.Skip && record.LastTaskId is { } last && await IsUnfinishedAsync(last, cancellationToken))
        {
            bool skipped = await backend.Schedules.TryFireAsync(
                record.Name, record.NextRun, record.LastRun ?? planned, last, next, Outgoing.Nothing, cancellationToken);
            if (!skipped)
                return null;
            LogSkipped(record.Name, planned, last);
            await backend.Events.PublishAsync([SkippedEvent(record.Name, planned, last)], cancellationToken);
            return record with { NextRun = next };
        }

        OutgoingMessage message = _composer.Compose(record.Name, definition, planned);
        bool fired = await backend.Schedules.TryFireAsync(
            record.Name, record.NextRun, planned, message.TaskId, next, Outgoing.Of(message), cancellationToken);
        if (!fired)
            return null;
        LogFired(record.Name, definition.Task, message.TaskId, planned);
        return record with { NextRun = next, LastRun = planned, LastTaskId = message.TaskId };
    }

    private async ValueTask<bool> IsUnfinishedAsync(string taskId, CancellationToken cancellationToken) =>
        await backend.Broker.FindAsync(taskId, cancellationToken) is { Place: not MessagePlace.Dead };

    private EventRecord SkippedEvent(string schedule, DateTimeOffset planned, string taskId)
    {
        DateTimeOffset now = _time.GetUtcNow();
        string node = $"beat@{Environment.MachineName}";
        RawJson body = RawJson.From(new Dictionary<string, object>
        {
            ["type"] = "schedule-skipped",
            ["hostname"] = node,
            ["timestamp"] = now.ToUnixTimeMilliseconds() / 1000.0,
            ["pid"] = Environment.ProcessId,
            ["clock"] = 0,
            ["utcoffset"] = 0,
            ["schedule"] = schedule,
            ["planned"] = planned.ToString("O", CultureInfo.InvariantCulture),
            ["running"] = taskId,
        });
        return new EventRecord("schedule-skipped", node, null, now, body);
    }

    private ScheduleDefinition? ReadDefinition(ScheduleRecord record)
    {
        if (_read.TryGetValue(record.Name, out (RawJson Text, ScheduleDefinition? Definition) known) && known.Text == record.Definition)
            return known.Definition;
        ScheduleDefinition? definition = null;
        try
        {
            definition = ScheduleJson.Read(record.Name, record.Definition);
        }
        catch (ScheduleException error)
        {
            LogUnreadable(error.Code, error.Message);
        }

        _read[record.Name] = (record.Definition, definition);
        return definition;
    }

    [LoggerMessage(4100, LogLevel.Information, "Schedule {Schedule} fired {Task} as {TaskId}, planned for {Planned:O}")]
    private partial void LogFired(string schedule, string task, string taskId, DateTimeOffset planned);

    [LoggerMessage(4101, LogLevel.Warning, "Schedule {Schedule} left out its firing of {Planned:O}: the task of the one before, {TaskId}, has not ended")]
    private partial void LogSkipped(string schedule, DateTimeOffset planned, string taskId);

    [LoggerMessage(4102, LogLevel.Warning, "Schedule {Schedule} left out what it missed since {Planned:O}; its catch-up policy is none")]
    private partial void LogMissed(string schedule, DateTimeOffset planned);

    [LoggerMessage(4103, LogLevel.Error, "{Code} {Error}")]
    private partial void LogUnreadable(string code, string error);
}
