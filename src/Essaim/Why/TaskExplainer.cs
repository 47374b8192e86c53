using Essaim.Protocol;

namespace Essaim;

/// <summary>Finds out why a task is not running: asks the broker, the result store and the workers. Changes nothing. Safe on all threads.</summary>
internal sealed class TaskExplainer(IBackend backend)
{
    private const int MostHolders = 3;

    /// <summary>Explains.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="patience">How long to wait for workers' answers.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<TaskExplanation> ExplainAsync(string taskId, TimeSpan patience, CancellationToken cancellationToken)
    {
        // The message first: should it be settled in between, its result is there.
        TaskLocation? location = await backend.Broker.FindAsync(taskId, cancellationToken);
        ResultDocument? result = await backend.Results.GetAsync(taskId, cancellationToken);
        if (location is null or { Place: MessagePlace.Dead } && result is { State.IsReady: true })
            return Answer(location, null, location is null ? WhyTexts.Ended(result) : WhyTexts.Dead(location));
        if (location is { Place: MessagePlace.Dead })
            return Answer(location, null, WhyTexts.Dead(location));
        FleetFacts fleet = await AskAsync(taskId, patience, cancellationToken);
        if (fleet.Workers.FirstOrDefault(worker => worker.Holds is not null) is { } holder && location is null or { Place: MessagePlace.InFlight })
            return Answer(location, null, WhyTexts.Held(holder.Node, holder.Holds!, location, backend.Clock.GetUtcNow()));
        return location switch
        {
            null when result is not null => Answer(null, null, WhyTexts.OnlyState(result)),
            null => Answer(null, null, WhyTexts.Unknown(taskId, backend.DisplayUrl)),
            { Place: MessagePlace.InFlight } => Answer(location, null, WhyTexts.Silent(location, backend.Clock.GetUtcNow())),
            { Place: MessagePlace.Delayed } => Answer(location, location.NotBefore, [.. Standing(location), WhyTexts.Delayed(location, RateOf(fleet, location.Queue), backend.Clock.GetUtcNow())]),
            _ => await ExplainReadyAsync(location, fleet, cancellationToken),
        };

        TaskExplanation Answer(TaskLocation? at, DateTimeOffset? notBefore, params WhyReason[] reasons) => new(taskId, reasons, at?.Queue, notBefore);

        async Task<TaskExplanation> ExplainReadyAsync(TaskLocation at, FleetFacts workers, CancellationToken stop)
        {
            (List<WhyReason> reasons, DateTimeOffset? notBefore) = await ReadyAsync(at, workers, stop);
            return new TaskExplanation(taskId, reasons, at.Queue, notBefore);
        }
    }

    private async Task<(List<WhyReason> Reasons, DateTimeOffset? NotBefore)> ReadyAsync(
        TaskLocation location, FleetFacts fleet, CancellationToken cancellationToken)
    {
        DateTimeOffset now = backend.Clock.GetUtcNow();
        string queue = location.Queue, scope = QueueNames.BaseOf(queue);
        IReadOnlyList<QueueStatus> queues = await backend.Broker.GetQueuesAsync(cancellationToken);
        List<WhyReason> reasons = [.. Standing(location)];
        foreach (QueueStatus paused in queues.Where(one => one.Paused is not null && (one.Name == queue || one.Name == scope)))
            reasons.Add(WhyTexts.Paused(paused, now));
        WorkerFacts[] serving = [.. fleet.Workers.Where(worker => worker.Queues.ContainsKey(queue))];
        if (serving.Length == 0)
            reasons.Add(WhyTexts.NoWorker(queue, fleet));
        if (await LimitAsync(queue, scope, serving, now, cancellationToken) is { } limit)
            reasons.Add(limit);
        DateTimeOffset? free = queues.FirstOrDefault(one => one.Name == scope)?.RateFreeAt;
        if (free > now && RateOf(fleet, queue) is { } rate)
            reasons.Add(WhyTexts.RateFrees(scope, rate, free.Value, now));
        if (location.Ahead > 0)
            reasons.Add(WhyTexts.Behind(location));
        if (serving.Length > 0 && serving.All(worker => worker is { Slots: { } slots, Busy: { } busy } && busy >= slots))
            reasons.Add(WhyTexts.Busy(serving));
        if (reasons.Count == 0)
            reasons.Add(WhyTexts.Next(queue, serving));
        return (reasons, free > now ? free : null);
    }

    private async Task<WhyReason?> LimitAsync(string queue, string scope, WorkerFacts[] serving, DateTimeOffset now, CancellationToken cancellationToken)
    {
        bool ordered = serving.Any(worker => worker.FlagOf(queue, "fifo"));
        int? most = ordered ? 1 : serving.Min(worker => worker.LimitOf(queue, "concurrency"));
        if (most is null)
            return null;
        IReadOnlyList<MessageHolder> holders = await backend.Broker.GetHoldersAsync(scope, most.Value, cancellationToken);
        return holders.Count < most ? null : WhyTexts.Limit(scope, most.Value, ordered, [.. holders.Take(MostHolders)], now);
    }

    private IEnumerable<WhyReason> Standing(TaskLocation location)
    {
        if (location.Expires is { } expires && expires <= backend.Clock.GetUtcNow())
            yield return WhyTexts.Expired(expires);
        if (location.Revoked)
            yield return WhyTexts.Revoked;
    }

    private static string? RateOf(FleetFacts fleet, string queue) =>
        fleet.Workers.Select(worker => worker.TextOf(queue, "rate")).FirstOrDefault(rate => rate is not null);

    private async Task<FleetFacts> AskAsync(string taskId, TimeSpan patience, CancellationToken cancellationToken)
    {
        RawJson ids = RawJson.From(new Dictionary<string, string[]> { ["ids"] = [taskId] });
        IReadOnlyList<ControlReply>[] replies = await Task.WhenAll(
            CallAsync("active_queues", RawJson.EmptyObject), CallAsync("stats", RawJson.EmptyObject), CallAsync("query_task", ids));
        return FleetFacts.Read(replies[0], replies[1], replies[2], taskId);

        Task<IReadOnlyList<ControlReply>> CallAsync(string method, RawJson arguments) =>
            backend.Control.CallAsync(new ControlRequest(method, arguments), patience, cancellationToken).AsTask();
    }
}
