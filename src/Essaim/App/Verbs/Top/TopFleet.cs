using System.Text.Json;

namespace Essaim;

/// <summary>One decision of an autoscaler; refused where it was needed and could not be.</summary>
internal sealed record TopScaling(DateTimeOffset At, string Worker, int? From, int? To, string Reason, bool Refused);

/// <summary>Everything <c>top</c> shows at one instant.</summary>
internal sealed record TopSnapshot(
    DateTimeOffset At, IReadOnlyList<TopWorker> Workers, IReadOnlyList<QueueStatus> Queues, IReadOnlyList<TopScaling> Scalings, double TasksPerSecond);

/// <summary>Workers and what their autoscalers did, as events tell of them. Safe on all threads.</summary>
internal sealed class TopFleet
{
    private const int MostWorkers = 1000;
    private const int MostScalings = 8;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, TopWorker> _workers = new(StringComparer.Ordinal);
    private readonly LinkedList<TopScaling> _scalings = new();

    public void Add(EventRecord record)
    {
        lock (_gate)
        {
            if (record.Type is "worker-scaled" or "worker-scale-refused")
                AddScaling(record);
            else if (record.Type is "worker-online" or "worker-heartbeat" or "worker-offline" && (_workers.Count < MostWorkers || _workers.ContainsKey(record.Hostname)))
                _workers[record.Hostname] = TopWorker.After(_workers.GetValueOrDefault(record.Hostname), record);
        }
    }

    public TopSnapshot Take(IReadOnlyList<QueueStatus> queues, DateTimeOffset now)
    {
        lock (_gate)
        {
            double rate = _workers.Values.Where(worker => worker.Online).Sum(worker => worker.PerSecond ?? 0);
            return new TopSnapshot(now, [.. _workers.Values], [.. queues.OrderBy(queue => queue.Name, StringComparer.Ordinal)], [.. _scalings], Math.Round(rate, 1));
        }
    }

    private void AddScaling(EventRecord record)
    {
        JsonElement body = record.Body.Deserialize<JsonElement>();
        string reason = JsonCell.Get(body, "reason") is { } told ? JsonCell.Of(told) : "";
        _scalings.AddFirst(new TopScaling(record.At, record.Hostname, Whole(body, "from"), Whole(body, "to"), reason, record.Type == "worker-scale-refused"));
        if (_scalings.Count > MostScalings)
            _scalings.RemoveLast();
    }

    private static int? Whole(JsonElement body, string name) =>
        JsonCell.Get(body, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int whole) ? whole : null;
}
