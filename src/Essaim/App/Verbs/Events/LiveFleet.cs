using System.Globalization;
using System.Text.Json;

namespace Essaim;

/// <summary>Workers and the latest tasks as events tell of them. Safe on all threads.</summary>
internal sealed class LiveFleet
{
    private const int MostTasks = 15;
    private const int MostWorkers = 1000;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly LinkedList<Job> _jobs = new();

    public void Add(EventRecord record)
    {
        JsonElement body = record.Body.Deserialize<JsonElement>();
        lock (_gate)
        {
            AddNode(record, body);
            if (record.TaskId is { } id)
                AddJob(record, id, body);
        }
    }

    public IReadOnlyList<IReadOnlyList<string>> Workers()
    {
        lock (_gate)
            return [.. _nodes.Select(node => (IReadOnlyList<string>)[JsonCell.Plain(node.Key), node.Value.State, node.Value.Active, node.Value.Processed, TimeText.Show(node.Value.At)])];
    }

    /// <summary>The latest first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Tasks()
    {
        lock (_gate)
            return [.. _jobs.Select(job => (IReadOnlyList<string>)[TimeText.Show(job.At), JsonCell.Plain(job.Id), job.Name, job.State, JsonCell.Plain(job.Node), job.Detail])];
    }

    private void AddNode(EventRecord record, JsonElement body)
    {
        // A client announces what it sends; it is no worker.
        if (record.Type == "task-sent" || (_nodes.Count >= MostWorkers && !_nodes.ContainsKey(record.Hostname)))
            return;
        if (!_nodes.TryGetValue(record.Hostname, out Node? node))
            _nodes[record.Hostname] = node = new Node();
        node.At = record.At;
        node.State = record.Type == "worker-offline" ? "offline" : "online";
        if (JsonCell.Get(body, "active") is { } active)
            node.Active = JsonCell.Of(active);
        if (JsonCell.Get(body, "processed") is { } processed)
            node.Processed = JsonCell.Of(processed);
    }

    private void AddJob(EventRecord record, string id, JsonElement body)
    {
        Job? job = _jobs.FirstOrDefault(job => job.Id == id);
        if (job is null)
        {
            job = new Job(id);
            if (_jobs.Count == MostTasks)
                _jobs.RemoveLast();
        }
        else
        {
            _jobs.Remove(job);
        }

        _jobs.AddFirst(job);
        job.At = record.At;
        job.Node = record.Hostname;
        job.State = JsonCell.Plain(record.Type.StartsWith("task-", StringComparison.Ordinal) ? record.Type["task-".Length..] : record.Type);
        if (JsonCell.Get(body, "name") is { } name)
            job.Name = JsonCell.Of(name);
        job.Detail = Detail(body);
    }

    private static string Detail(JsonElement body)
    {
        if (JsonCell.Get(body, "exception") is { } exception)
            return JsonCell.Of(exception);
        return JsonCell.Get(body, "runtime") is { ValueKind: JsonValueKind.Number } runtime && runtime.TryGetDouble(out double seconds)
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.000} s")
            : "";
    }

    private sealed class Node
    {
        public DateTimeOffset At { get; set; }

        public string State { get; set; } = "";

        public string Active { get; set; } = "-";

        public string Processed { get; set; } = "-";
    }

    private sealed class Job(string id)
    {
        public string Id => id;

        public DateTimeOffset At { get; set; }

        public string Name { get; set; } = "-";

        public string State { get; set; } = "";

        public string Node { get; set; } = "";

        public string Detail { get; set; } = "";
    }
}
