using System.Globalization;
using Essaim.Protocol;

namespace Essaim;

/// <summary>The sentences of <see cref="TaskExplainer"/>.</summary>
internal static class WhyTexts
{
    public static readonly WhyReason Revoked = new("revoked", "It is revoked: the worker that comes to it ends it as REVOKED without running it.");

    public static WhyReason Expired(DateTimeOffset expires) => new(
        "expired", $"It expired at {TimeText.Show(expires)}: the worker that comes to it ends it as REVOKED without running it.");

    public static WhyReason Ended(ResultDocument result) => new(
        "ended", $"It has ended: {result.State}{(result.DateDone is { } done ? $" at {TimeText.Show(done)}" : "")}{(result.Worker is { } worker ? $" on {worker}" : "")}.");

    public static WhyReason OnlyState(ResultDocument result) => new(
        "running", $"The broker holds no message of it and no worker that answers has it; its last stored state is {result.State}. A worker that does not answer may be running it.");

    public static WhyReason Unknown(string taskId, string broker) => new(
        "unknown", $"The broker {broker} knows no task {taskId}: it was never sent here, was purged, or its result has expired or was not kept.");

    public static WhyReason Dead(TaskLocation location) => new(
        "dead", $"It is a dead letter of queue {location.Queue}: {location.Reason} 'dead-letters replay' puts it back.");

    public static WhyReason Held(string node, string state, TaskLocation? location, DateTimeOffset now)
    {
        string since = location?.ClaimedAt is { } claimed ? $" for {Span(now - claimed)}" : "";
        return state == "active"
            ? new WhyReason("running", $"It runs on {node}, which has had it{(since.Length > 0 ? since : " for a while")}.")
            : new WhyReason("held", $"{node} has it in hand{since}, but has not begun it ({state}): its slots are busy, or a rate limit of that worker holds it.");
    }

    public static WhyReason Silent(TaskLocation location, DateTimeOffset now) => new(
        "held",
        $"Its lease has been held by {location.Worker} for {Span(now - location.ClaimedAt)}, but that worker does not answer. Unless it renews the lease, another worker gets the task in {Span(location.Deadline - now)}.");

    public static WhyReason Delayed(TaskLocation location, string? rate, DateTimeOffset now) => location.WaitsForRate
        ? new WhyReason("rate", $"It waits for its turn under the rate{(rate is null ? "" : $" {rate}")} of queue {location.Queue}, which comes in {Span(location.NotBefore - now)}.")
        : new WhyReason("not-due", $"It is not due until {TimeText.Show(location.NotBefore)}, in {Span(location.NotBefore - now)}.");

    public static WhyReason Paused(QueueStatus queue, DateTimeOffset now)
    {
        QueuePause pause = queue.Paused!;
        return new WhyReason(
            "paused", $"The queue {queue.Name} was paused {Span(now - pause.At)} ago by {pause.By}{(pause.Reason.Length > 0 ? $": {pause.Reason}" : ".")} 'queues resume {queue.Name}' lets it go on.");
    }

    public static WhyReason NoWorker(string queue, FleetFacts fleet)
    {
        string scope = QueueNames.BaseOf(queue);
        if (fleet.Workers.Count == 0)
            return new WhyReason("no-worker", $"No worker answers, so none is known to serve queue {queue}. Start one: worker -Q {scope}.");
        WorkerFacts[] near = [.. fleet.Workers.Where(worker => worker.Queues.ContainsKey(scope))];
        return scope != queue && near.Length > 0
            ? new WhyReason("labels", $"It requires {queue[(scope.Length + 1)..]}, and none of the workers that serve {scope} has that: {Names(near)}.")
            : new WhyReason("no-worker", $"No worker that answers serves queue {queue}: {string.Join("; ", fleet.Workers.Select(Serves))}. Start one: worker -Q {scope}.");
    }

    public static WhyReason Limit(string queue, int most, bool ordered, IReadOnlyList<MessageHolder> holders, DateTimeOffset now)
    {
        string held = string.Join(", ", holders.Select(holder => $"{holder.TaskId} on {holder.Worker} for {Span(now - holder.ClaimedAt)}"));
        return ordered
            ? new WhyReason("order", $"The queue {queue} runs in order, one at a time, and this is before it: {held}.")
            : new WhyReason("concurrency", $"At most {most} {(most == 1 ? "task" : "tasks")} of queue {queue} may be in hand at once, and {(most == 1 ? "one is" : "as many are")}: {held}.");
    }

    public static WhyReason RateFrees(string queue, string rate, DateTimeOffset at, DateTimeOffset now) => new(
        "rate", $"The rate {rate} of queue {queue} lets the next task begin in {Span(at - now)}.");

    public static WhyReason Behind(TaskLocation location) => new(
        "behind", string.Create(CultureInfo.InvariantCulture, $"It is behind {location.Ahead:N0} {(location.Ahead == 1 ? "other" : "others")} in queue {location.Queue}."));

    public static WhyReason Busy(IReadOnlyList<WorkerFacts> serving) => new(
        "busy", $"All slots of the workers that serve it are busy: {string.Join(", ", serving.Select(worker => $"{worker.Node} {worker.Busy} of {worker.Slots}"))}.");

    public static WhyReason Next(string queue, IReadOnlyList<WorkerFacts> serving) => new(
        "next", $"It is the next in queue {queue}, which {Names(serving)} {(serving.Count == 1 ? "serves" : "serve")}: it should begin at once.");

    private static string Names(IReadOnlyList<WorkerFacts> workers) => string.Join(", ", workers.Select(worker => worker.Node));

    private static string Serves(WorkerFacts worker) => $"{worker.Node} serves {(worker.Queues.Count == 0 ? "none" : string.Join(", ", worker.Queues.Keys))}";

    private static string Span(TimeSpan? span) => AgeText.Rough(span is { Ticks: > 0 } positive ? positive : TimeSpan.Zero);
}
