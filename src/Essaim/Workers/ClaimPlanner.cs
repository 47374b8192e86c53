namespace Essaim;

/// <summary>
/// From which queues to claim how many: high before medium before low, but a lower priority gets a share of the tasks in any case, and
/// no queue more than its worker limit. Not safe for several threads.
/// </summary>
internal sealed class ClaimPlanner(QueueRegistry registry, Ledger ledger, double share)
{
    // Claimed before all others; the usual tiers are the priorities themselves.
    private const int FirstTier = -1;
    private readonly double[] _credits = new double[3];
    private readonly int[] _offered = new int[3];
    private IReadOnlyList<string>? _names;
    private int _generation;
    private PlannedQueue[] _queues = [];

    /// <summary>True where a queue was left out, or bounded, for what this worker itself holds: ends of tasks make it wider.</summary>
    public bool IsBounded { get; private set; }

    /// <summary>What to ask the broker for; empty: nothing.</summary>
    /// <param name="names">The queues served.</param>
    /// <param name="sharedOnly">Only from queues whose tasks may share a child.</param>
    public IReadOnlyList<QueueClaim> Plan(IReadOnlyList<string> names, bool sharedOnly = false)
    {
        if (_names != names || _generation != registry.Generation)
            (_names, _generation, _queues) = (names, registry.Generation, [.. names.Select(Describe)]);
        IsBounded = false;
        List<QueueClaim> claims = new(_queues.Length);
        int highest = _queues.Min(queue => (int)queue.Priority);
        foreach (PlannedQueue queue in _queues)
        {
            if (sharedOnly && !queue.SharesChild)
                continue;
            int? most = queue.WorkerConcurrency is { } limit ? Math.Max(0, limit - ledger.Count(queue.Base)) : null;
            IsBounded |= most is not null;
            if (most == 0)
                continue;
            int priority = (int)queue.Priority;
            int owed = priority > highest ? (int)_credits[priority] : 0;
            _offered[priority] = owed;
            if (owed > 0)
                claims.Add(new QueueClaim(queue.Name, FirstTier, Math.Min(most ?? owed, owed)) { Limits = queue.Limits });
            // What was claimed first counts against the limit, too: then the rest waits for the next claim.
            if (owed == 0 || most is null)
                claims.Add(new QueueClaim(queue.Name, priority, most) { Limits = queue.Limits });
        }

        return claims;
    }

    /// <summary>Learns what a claim gave: what others got is owed to lower priorities, as long as they have something waiting.</summary>
    public void Learn(IReadOnlyList<Delivery> deliveries)
    {
        Span<int> given = stackalloc int[3];
        string last = "";
        int priority = 0;
        foreach (Delivery delivery in deliveries)
        {
            if (!ReferenceEquals(last, delivery.Queue))
                priority = (int)(registry.Find(last = delivery.Queue)?.Priority ?? QueuePriority.Medium);
            given[priority]++;
        }

        int asFirst = 0;
        for (int lower = 1; lower < given.Length; lower++)
            asFirst += Math.Min(given[lower], _offered[lower]);
        for (int lower = 1; lower < given.Length; lower++)
        {
            int others = given[0] + (lower > 1 ? given[1] : 0);
            // The usual turns came though it had been offered more: nothing waits there, and nothing is saved up.
            bool empty = given[lower] < _offered[lower] && asFirst < deliveries.Count;
            _credits[lower] = empty ? 0 : Math.Max(0, _credits[lower] - given[lower] + others * share / (1 - share));
            _offered[lower] = 0;
        }
    }

    private PlannedQueue Describe(string name)
    {
        QueueDefinition definition = registry.Find(name) ?? new QueueDefinition(QueueNames.BaseOf(name));
        return new PlannedQueue(name, definition.Name, definition.Priority, definition.WorkerConcurrency, definition.SharesChild, definition.Limits);
    }

    private sealed record PlannedQueue(string Name, string Base, QueuePriority Priority, int? WorkerConcurrency, bool SharesChild, QueueLimits? Limits);
}
