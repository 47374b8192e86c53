namespace Essaim.Redis;

/// <summary>
/// Which of equal queues is asked first, so that all are served evenly however few messages a claim takes: start-time fair queueing (Goyal, Vin,
/// Cheng: SIGCOMM 1996). A queue that had nothing for long does not catch up. Safe on all threads.
/// </summary>
internal sealed class FairTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _finished = new(StringComparer.Ordinal);
    private long _now;

    /// <summary>Tiers in order; within a tier the queue first that has been given least.</summary>
    public QueueClaim[] Order(IReadOnlyList<QueueClaim> queues)
    {
        if (queues.Count == 1)
            return [queues[0]];
        lock (_gate)
            return [.. queues.OrderBy(queue => queue.Tier).ThenBy(queue => StartOf(queue.Queue))];
    }

    /// <summary>Learns what a claim gave.</summary>
    public void Note(IReadOnlyList<Delivery> deliveries)
    {
        if (deliveries.Count == 0)
            return;
        lock (_gate)
        {
            long least = long.MaxValue;
            for (int i = 0; i < deliveries.Count;)
            {
                string queue = deliveries[i].Queue;
                int end = i + 1;
                while (end < deliveries.Count && deliveries[end].Queue == queue)
                    end++;
                long start = StartOf(queue);
                least = Math.Min(least, start);
                _finished[queue] = start + end - i;
                i = end;
            }

            _now = Math.Max(_now, least);
        }
    }

    private long StartOf(string queue) => Math.Max(_now, _finished.GetValueOrDefault(queue));
}
