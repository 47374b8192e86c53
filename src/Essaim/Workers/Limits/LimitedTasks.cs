namespace Essaim;

/// <summary>
/// Tasks in hand that wait because their name may begin only so often: one line a name, first in, first out. They hold no slot. Guarded
/// by the <see cref="Scheduler"/>'s lock.
/// </summary>
internal sealed class LimitedTasks(TimeProvider time)
{
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>True where a name has a rate: what is claimed next may have to wait.</summary>
    public bool HasRates { get; private set; }

    /// <summary>Tasks that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Changes a name's rate, tasks a second (0: none), with a fresh bucket. Returns those that need not wait any more.</summary>
    public IReadOnlyList<ReservedTask> SetRate(string name, double perSecond)
    {
        IEnumerable<ReservedTask> waiting = _lines.TryGetValue(name, out Line? before) ? before.Tasks : [];
        Line line = new(perSecond > 0 ? new TokenBucket(perSecond, time) : null);
        SetLine(name, line);
        if (line.Bucket is null)
        {
            Count -= before?.Tasks.Count ?? 0;
            return [.. waiting];
        }

        foreach (ReservedTask task in waiting)
            line.Tasks.AddLast(task);
        return [];
    }

    /// <summary>True where the task is limited: it is in line now.</summary>
    public bool TryHold(ReservedTask task)
    {
        string? limit = task.Definition.Options.RateLimit;
        if (limit is null && _lines.Count == 0)
            return false;
        string name = task.Message.Task;
        if (!_lines.TryGetValue(name, out Line? line))
        {
            if (limit is null || !RateLimit.TryParse(limit, out double perSecond, out _))
                return false;
            line = new Line(perSecond > 0 ? new TokenBucket(perSecond, time) : null);
            SetLine(name, line);
        }

        if (line.Bucket is null)
            return false;
        line.Tasks.AddLast(task);
        Count++;
        return true;
    }

    /// <summary>The task that may begin now and has waited longest, with its token taken; null where none may.</summary>
    public ReservedTask? TakeReady()
    {
        Line? best = null;
        foreach (Line line in _lines.Values)
        {
            if (line.Tasks.First is { } first && line.Bucket!.HasToken && (best is null || first.Value.ReceivedAt < best.Tasks.First!.Value.ReceivedAt))
                best = line;
        }

        if (best is null || !best.Bucket!.TryTake())
            return null;
        ReservedTask task = best.Tasks.First!.Value;
        best.Tasks.RemoveFirst();
        Count--;
        return task;
    }

    /// <summary>How long until one more may begin; null where none waits for that.</summary>
    public TimeSpan? NextIn()
    {
        TimeSpan? next = null;
        foreach (Line line in _lines.Values)
        {
            if (line.Tasks.Count > 0 && line.Bucket!.WaitFor() is var wait && (next is null || wait < next))
                next = wait;
        }

        return next;
    }

    public bool Remove(ReservedTask task)
    {
        bool found = _lines.TryGetValue(task.Message.Task, out Line? line) && line.Tasks.Remove(task);
        Count -= found ? 1 : 0;
        return found;
    }

    /// <summary>Empties all lines; the newest task comes first.</summary>
    public IReadOnlyList<ReservedTask> TakeAll()
    {
        List<ReservedTask> all = [.. _lines.Values.SelectMany(line => line.Tasks.Reverse())];
        foreach (Line line in _lines.Values)
            line.Tasks.Clear();
        Count = 0;
        return all;
    }

    private void SetLine(string name, Line line)
    {
        _lines[name] = line;
        HasRates = _lines.Values.Any(one => one.Bucket is not null);
    }

    private sealed record Line(TokenBucket? Bucket)
    {
        public LinkedList<ReservedTask> Tasks { get; } = new();
    }
}
