namespace Essaim;

/// <summary>Measured run times, per task and node, and which tasks each queue had.</summary>
internal sealed class RunTimes
{
    private readonly Dictionary<(string Task, string Node), (double Seconds, int Count)> _perNode = [];
    private readonly Dictionary<string, (double Seconds, int Count)> _perTask = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, int>> _mix = new(StringComparer.Ordinal);
    private (double Seconds, int Count) _all;

    /// <summary>Runs measured.</summary>
    public int Count => _all.Count;

    public void Add(string queue, string task, string node, TimeSpan runtime)
    {
        (double Seconds, int Count) one = (runtime.TotalSeconds, 1);
        _perNode[(task, node)] = Sum(_perNode.GetValueOrDefault((task, node)), one);
        _perTask[task] = Sum(_perTask.GetValueOrDefault(task), one);
        _all = Sum(_all, one);
        if (!_mix.TryGetValue(queue, out Dictionary<string, int>? tasks))
            _mix.Add(queue, tasks = new Dictionary<string, int>(StringComparer.Ordinal));
        tasks[task] = tasks.GetValueOrDefault(task) + 1;
    }

    /// <summary>Seconds a message of a queue takes on a node: the means of its tasks there, weighted as the queue had them; of tasks the node never ran, their means elsewhere.</summary>
    public double Expect(string queue, string node)
    {
        if (!_mix.TryGetValue(queue, out Dictionary<string, int>? tasks))
            return _all.Count > 0 ? Mean(_all) : 1;
        return tasks.Sum(task => task.Value * Expect(task.Key, node, _perTask)) / tasks.Values.Sum();
    }

    private double Expect(string task, string node, Dictionary<string, (double Seconds, int Count)> elsewhere) =>
        Mean(_perNode.TryGetValue((task, node), out (double Seconds, int Count) own) ? own : elsewhere[task]);

    private static double Mean((double Seconds, int Count) sum) => sum.Seconds / sum.Count;

    private static (double Seconds, int Count) Sum((double Seconds, int Count) a, (double Seconds, int Count) b) => (a.Seconds + b.Seconds, a.Count + b.Count);
}
