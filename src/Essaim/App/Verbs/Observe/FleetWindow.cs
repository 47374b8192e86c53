using System.Text.Json;

namespace Essaim;

/// <summary>What events told during a window of time. For one thread.</summary>
internal sealed class FleetWindow
{
    /// <summary>Stands for tasks received before the window: their later events do not say their name.</summary>
    public const string Unnamed = "(received before)";

    private const int MostNames = 1000;

    private readonly TaskNames _names = new();
    private readonly SortedDictionary<string, SeenWorker> _workers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SeenTask> _tasks = new(StringComparer.Ordinal);

    public IReadOnlyList<SeenWorker> Workers => [.. _workers.Values];

    public IReadOnlyList<SeenTask> Tasks => [.. _tasks.Values];

    public bool SawTasks { get; private set; }

    public void Add(EventRecord record)
    {
        JsonElement body = record.Body.Deserialize<JsonElement>();
        if (record.Type.StartsWith("worker-", StringComparison.Ordinal))
            AddWorker(record, body);
        else if (record.TaskId is { } id)
            AddTask(record.Type, id, body);
    }

    private void AddWorker(EventRecord record, JsonElement body)
    {
        _workers[record.Hostname] = new SeenWorker(
            record.Hostname, record.Type == "worker-offline" ? "offline" : "online", Count(body, "active"), Count(body, "processed"),
            $"{TextOf(body, "sw_ident")} {TextOf(body, "sw_ver")}".Trim(), record.At);
    }

    private void AddTask(string type, string id, JsonElement body)
    {
        SawTasks = true;
        string name = _names.Of(id, body) ?? Unnamed;
        // Names come from outside; one that makes up new ones must not fill the memory.
        if (!_tasks.TryGetValue(name, out SeenTask? task) && _tasks.Count < MostNames)
            _tasks[name] = task = new SeenTask(name);
        if (task is null)
            return;
        switch (type)
        {
            case "task-started":
                task.Started++;
                break;
            case "task-succeeded":
                task.Succeeded++;
                if (JsonCell.Get(body, "runtime") is { ValueKind: JsonValueKind.Number } runtime && runtime.TryGetDouble(out double seconds))
                    task.AddRuntime(seconds);
                break;
            case "task-failed":
                task.Failed++;
                task.LastException = TextOf(body, "exception");
                break;
            case "task-retried":
                task.Retried++;
                task.LastException = TextOf(body, "exception");
                break;
        }
    }

    private static long? Count(JsonElement body, string name) =>
        JsonCell.Get(body, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long count) ? count : null;

    private static string TextOf(JsonElement body, string name) => JsonCell.Get(body, name) is { } value ? JsonCell.Of(value) : "";
}

/// <summary>A worker that was heard.</summary>
internal sealed record SeenWorker(string Name, string State, long? Active, long? Processed, string Software, DateTimeOffset HeardAt);

/// <summary>The events of all tasks of one name.</summary>
internal sealed class SeenTask(string name)
{
    private const int MostRuntimes = 10_000;
    private readonly List<double> _runtimes = [];
    private int _next;

    public string Name => name;

    public long Started { get; set; }

    public long Succeeded { get; set; }

    public long Failed { get; set; }

    public long Retried { get; set; }

    public string? LastException { get; set; }

    /// <summary>Remembers a runtime; of very many the latest.</summary>
    public void AddRuntime(double seconds)
    {
        if (_runtimes.Count < MostRuntimes)
            _runtimes.Add(seconds);
        else
            _runtimes[_next++ % MostRuntimes] = seconds;
    }

    /// <summary>The runtime that this share of tasks does not exceed (nearest rank); null where none ended well.</summary>
    public double? Percentile(double share)
    {
        if (_runtimes.Count == 0)
            return null;
        double[] sorted = [.. _runtimes.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
