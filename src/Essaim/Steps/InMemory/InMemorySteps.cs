using Essaim.Protocol;

namespace Essaim;

/// <summary>Recorded steps in this process.</summary>
internal sealed class InMemorySteps(Lock gate, TimeProvider time) : IStepStore
{
    private readonly Dictionary<string, (Dictionary<string, RawJson> Steps, DateTimeOffset Until)> _tasks = new(StringComparer.Ordinal);

    public ValueTask<IReadOnlyDictionary<string, RawJson>> ReadAsync(string taskId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return new(new Dictionary<string, RawJson>(StepsOf(taskId)));
    }

    public ValueTask<RawJson> RecordAsync(string taskId, string step, RawJson result, TimeSpan keep, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            Dictionary<string, RawJson> steps = StepsOf(taskId);
            steps.TryAdd(step, result);
            _tasks[taskId] = (steps, time.GetUtcNow() + keep);
            return new(steps[step]);
        }
    }

    /// <summary>Under the gate: the task has ended.</summary>
    internal void Forget(string taskId) => _tasks.Remove(taskId);

    /// <summary>Under the gate: forgets tasks that never ended. Returns how many.</summary>
    internal int Prune(DateTimeOffset now)
    {
        string[] expired = [.. _tasks.Where(task => task.Value.Until <= now).Select(task => task.Key)];
        foreach (string taskId in expired)
            _tasks.Remove(taskId);
        return expired.Length;
    }

    private Dictionary<string, RawJson> StepsOf(string taskId) =>
        _tasks.TryGetValue(taskId, out (Dictionary<string, RawJson> Steps, DateTimeOffset Until) task) && task.Until > time.GetUtcNow() ? task.Steps : [];
}
