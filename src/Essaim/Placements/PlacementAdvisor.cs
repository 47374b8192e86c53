namespace Essaim;

/// <summary>A node as an advisor sees it.</summary>
/// <param name="Name"><c>name@host</c>.</param>
/// <param name="Slots">Most tasks at once.</param>
/// <param name="Queues">What it was started with.</param>
/// <param name="Meets">Whether it meets a label.</param>
internal sealed record PlacementNode(string Name, int Slots, IReadOnlyList<string> Queues, Func<string, bool> Meets);

/// <summary>What one placement makes of the present load.</summary>
/// <param name="Name">How it is called.</param>
/// <param name="Placement">The placement.</param>
/// <param name="Seconds">When the last message would have ended; null where a queue is left that nobody serves.</param>
/// <param name="Unserved">Such queues.</param>
internal sealed record PlacementForecast(string Name, Placement Placement, double? Seconds, IReadOnlyList<string> Unserved);

/// <summary>
/// Foretells when the present load would be done: each slot that is free takes the next message of the queue it serves that has most left. A
/// calculation and nothing else.
/// </summary>
/// <param name="nodes">The fleet.</param>
/// <param name="load">Messages that wait, by queue.</param>
/// <param name="times">Measured run times.</param>
internal sealed class PlacementAdvisor(IReadOnlyList<PlacementNode> nodes, IReadOnlyDictionary<string, long> load, RunTimes times)
{
    // More messages than this are taken several at a time: the forecast is no finer than the means it is made of.
    private const int MostSteps = 2000;
    private readonly KeyValuePair<string, long>[] _load = [.. load.Where(queue => queue.Value > 0).OrderBy(queue => queue.Key, StringComparer.Ordinal)];

    /// <summary>What each node serves under a placement.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Serve(Placement placement) => [.. nodes.Select(node => placement.QueuesOf(node.Name, node.Meets, node.Queues))];

    public PlacementForecast Forecast(string name, Placement placement)
    {
        IReadOnlyList<IReadOnlyList<string>> served = Serve(placement);
        string[] unserved = [.. _load.Select(queue => queue.Key).Where(queue => !nodes.Where((node, n) => CanRun(node, served[n], queue)).Any())];
        return new PlacementForecast(name, placement, unserved.Length > 0 ? null : Finish(served), unserved);
    }

    /// <summary>The best specialised placement found: one group a node, from which queues are taken as long as the load is then done sooner.</summary>
    public Placement Propose()
    {
        List<string>[] served = [.. nodes.Select(node => node.Queues.Where(queue => load.GetValueOrDefault(queue) > 0).ToList())];
        double best = Finish(served);
        for (bool better = true; better;)
        {
            better = false;
            (int Node, string Queue)? worst = null;
            for (int n = 0; n < served.Length; n++)
            {
                foreach (string queue in served[n].ToArray())
                {
                    if (served[n].Count == 1 || served.Count(others => others.Contains(queue)) == 1)
                        continue;
                    int at = served[n].IndexOf(queue);
                    served[n].RemoveAt(at);
                    double without = Finish(served);
                    served[n].Insert(at, queue);
                    if (without < best * 0.999)
                        (best, worst) = (without, (n, queue));
                }
            }

            if (worst is var (node, name))
                better = served[node].Remove(name);
        }

        // What nothing waits in stays with everyone who has it.
        return new Placement([.. nodes.Select((node, n) => new PlacementGroup(
            node.Name, [.. node.Queues.Where(queue => served[n].Contains(queue) || load.GetValueOrDefault(queue) == 0)])).Where(group => group.Queues.Count > 0)]);
    }

    private static bool CanRun(PlacementNode node, IReadOnlyList<string> served, string queue) =>
        node.Slots > 0 && (served.Contains(queue) || served.Contains(QueueNames.BaseOf(queue)) && Requirements.OfQueue(queue).All(node.Meets));

    private double Finish(IReadOnlyList<IReadOnlyList<string>> served)
    {
        double[] left = [.. _load.Select(queue => (double)queue.Value)];
        double step = Math.Max(1, left.Sum() / MostSteps);
        PriorityQueue<(int Node, int Slot), (double At, int Order)> free = new();
        int[][] can = new int[nodes.Count][];
        double[][] each = new double[nodes.Count][];
        int order = 0;
        for (int n = 0; n < nodes.Count; n++)
        {
            can[n] = [.. Enumerable.Range(0, left.Length).Where(queue => CanRun(nodes[n], served[n], _load[queue].Key))];
            each[n] = [.. _load.Select(queue => times.Expect(queue.Key, nodes[n].Name))];
            for (int slot = 0; slot < nodes[n].Slots; slot++)
                free.Enqueue((n, slot), (0, order++));
        }

        double end = 0;
        while (free.TryDequeue(out (int Node, int Slot) slot, out (double At, int Order) when))
        {
            int next = -1;
            foreach (int queue in can[slot.Node])
            {
                if (left[queue] > 0 && (next < 0 || left[queue] > left[next]))
                    next = queue;
            }

            // A slot that finds nothing is done: nothing comes in a forecast.
            if (next < 0)
                continue;
            double taken = Math.Min(step, left[next]);
            left[next] -= taken;
            double until = when.At + taken * each[slot.Node][next];
            end = Math.Max(end, until);
            free.Enqueue(slot, (until, when.Order));
        }

        return end;
    }
}
