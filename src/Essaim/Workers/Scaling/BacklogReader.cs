namespace Essaim;

/// <summary>Looks at what waits for a slot: in the worker, and at the broker where that can matter.</summary>
/// <param name="broker">The broker.</param>
/// <param name="queues">Those that are served.</param>
/// <param name="sawMore">True where the last claim got all it had asked for, so that more may be waiting.</param>
/// <param name="wishOf">How long a task should wait in a queue at most; null where it has no wish of its own.</param>
/// <param name="wish">The wish of all others.</param>
/// <param name="time">Clock.</param>
internal sealed class BacklogReader(
    IBroker broker, ConsumedQueues queues, Func<bool> sawMore, Func<string, TimeSpan?> wishOf, TimeSpan wish, TimeProvider time)
{
    /// <summary>Queues in which something waits; tasks in hand stand for one.</summary>
    public async ValueTask<IReadOnlyList<QueueBacklog>> ReadAsync(SchedulerLoad load, bool mayGrow, CancellationToken stop)
    {
        List<QueueBacklog> backlog = [];
        if (load.Waiting > 0)
            backlog.Add(new QueueBacklog(load.Waiting, load.Oldest, wish));
        // Where a slot is idle, nothing waits that this worker may take.
        if (mayGrow && load.Busy == load.Slots && sawMore())
            backlog.AddRange(await ReadQueuesAsync(stop));
        return backlog;
    }

    private async Task<IEnumerable<QueueBacklog>> ReadQueuesAsync(CancellationToken stop)
    {
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            return (await broker.GetQueuesAsync(stop))
                .Where(queue => queue.Ready > 0 && queues.Claimed.Contains(queue.Name))
                .Select(queue => new QueueBacklog(queue.Ready, AgeOf(queue, now), wishOf(queue.Name) ?? wish));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The intake tells of a broker that fails; not knowing is no reason to grow.
            return [];
        }
    }

    private static TimeSpan AgeOf(QueueStatus queue, DateTimeOffset now) =>
        queue.OldestReady is { } oldest && oldest < now ? now - oldest : TimeSpan.Zero;
}
