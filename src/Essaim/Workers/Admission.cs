namespace Essaim;

/// <summary>What happens to claimed tasks before they may begin: rates that hold for a key, and unique keys that are held only while queued.</summary>
internal sealed class Admission(IBroker broker, QueueRegistry queues, Settler settler)
{
    /// <summary>The tasks that may begin, in order; the others wait at the broker for their rate.</summary>
    public async ValueTask<IReadOnlyList<ReservedTask>> AdmitAsync(IReadOnlyList<ReservedTask> tasks, CancellationToken stop)
    {
        if (!tasks.Any(Concerns))
            return tasks;
        try
        {
            IReadOnlyList<ReservedTask> admitted = await HoldBackAsync(tasks, stop);
            UniqueHold[] holds = [.. admitted.Select(UniqueHeader.HoldWhileQueued).OfType<UniqueHold>()];
            if (holds.Length > 0)
                await broker.FreeKeysAsync(holds, stop);
            return admitted;
        }
        catch
        {
            // In the order of the queue: the newest first, each to the front.
            foreach (ReservedTask task in tasks.Reverse())
                settler.Release(task);
            throw;
        }
    }

    private bool Concerns(ReservedTask task) =>
        queues.Find(task.Delivery.Queue)?.KeyedRate is not null || UniqueHeader.HoldWhileQueued(task) is not null;

    private async ValueTask<IReadOnlyList<ReservedTask>> HoldBackAsync(IReadOnlyList<ReservedTask> tasks, CancellationToken stop)
    {
        List<(ReservedTask Task, RateReservation Wanted)> limited = [];
        foreach (ReservedTask task in tasks)
        {
            if (queues.Find(task.Delivery.Queue) is { KeyedRate: { } rate, RateKey: { } expression } queue
                && RateKeyReader.Read(expression, task.Message, task.Definition) is { } key)
            {
                limited.Add((task, new RateReservation($"{queue.Name} {key}", task.Message.Id, rate)));
            }
        }

        if (limited.Count == 0)
            return tasks;
        IReadOnlyList<DateTimeOffset?> times = await broker.ReserveAsync([.. limited.Select(one => one.Wanted)], stop);
        HashSet<ReservedTask> held = [];
        for (int i = 0; i < limited.Count; i++)
        {
            if (times[i] is { } at && held.Add(limited[i].Task))
                settler.Park(limited[i].Task, at);
        }

        return held.Count == 0 ? tasks : [.. tasks.Where(task => !held.Contains(task))];
    }
}
