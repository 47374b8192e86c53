using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>What the workers that answer say of themselves. Celery's answer too, with less.</summary>
internal sealed record FleetFacts(IReadOnlyList<WorkerFacts> Workers)
{
    /// <summary>Reads the replies to <c>active_queues</c>, <c>stats</c> and <c>query_task</c>.</summary>
    public static FleetFacts Read(
        IReadOnlyList<ControlReply> queues, IReadOnlyList<ControlReply> stats, IReadOnlyList<ControlReply> tasks, string taskId)
    {
        Dictionary<string, WorkerFacts> workers = new(StringComparer.Ordinal);
        foreach (ControlReply reply in queues)
            workers[reply.Node] = new WorkerFacts(reply.Node) { Queues = ReadQueues(reply.Value) };
        foreach (ControlReply reply in stats)
        {
            if (workers.TryGetValue(reply.Node, out WorkerFacts? worker) && Of(reply.Value) is { ValueKind: JsonValueKind.Object } value)
                workers[reply.Node] = worker with { Slots = Whole(value, "slots"), Busy = Whole(value, "busy") };
        }

        foreach (ControlReply reply in tasks)
        {
            // Celery: {id: ["active", {...}]}.
            if (workers.TryGetValue(reply.Node, out WorkerFacts? worker) && Of(reply.Value) is { ValueKind: JsonValueKind.Object } value
                && value.TryGetProperty(taskId, out JsonElement held) && held is { ValueKind: JsonValueKind.Array } && held.GetArrayLength() > 0)
            {
                workers[reply.Node] = worker with { Holds = held[0].ToString() };
            }
        }

        return new FleetFacts([.. workers.Values.OrderBy(worker => worker.Node, StringComparer.Ordinal)]);
    }

    private static Dictionary<string, JsonElement> ReadQueues(RawJson reply)
    {
        Dictionary<string, JsonElement> queues = new(StringComparer.Ordinal);
        if (Of(reply) is not { ValueKind: JsonValueKind.Array } list)
            return queues;
        foreach (JsonElement queue in list.EnumerateArray())
        {
            if (queue.ValueKind == JsonValueKind.Object && queue.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String)
                queues[name.GetString()!] = queue.TryGetProperty("essaim", out JsonElement own) ? own.Clone() : default;
        }

        return queues;
    }

    private static JsonElement Of(RawJson reply) => reply.Deserialize<JsonElement>();

    private static int? Whole(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int whole) ? whole : null;
}

/// <summary>One worker that answers.</summary>
/// <param name="Node">Its node name.</param>
internal sealed record WorkerFacts(string Node)
{
    /// <summary>The queues it serves, with their character where it is one of Essaim's.</summary>
    public IReadOnlyDictionary<string, JsonElement> Queues { get; init; } = new Dictionary<string, JsonElement>();

    public int? Slots { get; init; }

    public int? Busy { get; init; }

    /// <summary><c>active</c>, <c>reserved</c>… where it has the task in hand.</summary>
    public string? Holds { get; init; }

    public int? LimitOf(string queue, string name) => Find(queue, name) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : null;

    public string? TextOf(string queue, string name) => Find(queue, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public bool FlagOf(string queue, string name) => Find(queue, name) is { ValueKind: JsonValueKind.True };

    private JsonElement? Find(string queue, string name) =>
        Queues.TryGetValue(queue, out JsonElement own) && own.ValueKind == JsonValueKind.Object && own.TryGetProperty(name, out JsonElement value) ? value : null;
}
