using System.Text.Json;
using System.Text.Json.Serialization;

namespace Essaim;

/// <summary>One worker as its heartbeats tell of it; Celery's tell less.</summary>
internal sealed record TopWorker
{
    public required string Name { get; init; }

    public required bool Online { get; init; }

    public required DateTimeOffset HeardAt { get; init; }

    /// <summary>Slots there are.</summary>
    public int? Slots { get; init; }

    public int? MinSlots { get; init; }

    public int? MaxSlots { get; init; }

    /// <summary>Tasks that run.</summary>
    public int? Busy { get; init; }

    /// <summary>Tasks in hand that do not run yet.</summary>
    public int? Waiting { get; init; }

    public int? Children { get; init; }

    /// <summary>Bytes, children included.</summary>
    public long? Memory { get; init; }

    /// <summary>Share of one processor since the heartbeat before.</summary>
    public double? Cpu { get; init; }

    /// <summary>Of the processor, °C.</summary>
    public double? Temperature { get; init; }

    /// <summary>What holds the processor back now; null where it is not told.</summary>
    public IReadOnlyList<string>? Throttled { get; init; }

    /// <summary>Tasks begun since its start.</summary>
    public long? Processed { get; init; }

    /// <summary>When that was told; short heartbeats do not.</summary>
    [JsonIgnore]
    public DateTimeOffset? CountedAt { get; init; }

    /// <summary>Tasks begun a second, between the last two heartbeats that count them.</summary>
    public double? PerSecond { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    public IReadOnlyList<string> Queues { get; init; } = [];

    /// <summary>The configuration it applies; null where it does not say.</summary>
    public string? ConfigVersion { get; init; }

    /// <summary>How its own source stands to that: published, behind, conflict; null where it has none.</summary>
    public string? ConfigSource { get; init; }

    [JsonIgnore]
    public string SlotText => Slots is null ? "-" : MinSlots is { } min && MaxSlots is { } max && min != max ? $"{Slots} ({min}-{max})" : $"{Slots}";

    /// <summary>The state after a heartbeat.</summary>
    public static TopWorker After(TopWorker? before, EventRecord record)
    {
        JsonElement body = record.Body.Deserialize<JsonElement>();
        JsonElement? slots = Get(body, "slots");
        long? processed = (long?)Number(Get(body, "processed"));
        TopWorker now = new()
        {
            Name = record.Hostname,
            Online = record.Type != "worker-offline",
            HeardAt = record.At,
            Slots = Whole(Get(slots, "now")) ?? before?.Slots,
            MinSlots = Whole(Get(slots, "min")) ?? before?.MinSlots,
            MaxSlots = Whole(Get(slots, "max")) ?? before?.MaxSlots,
            Busy = Whole(Get(body, "busy")) ?? Whole(Get(body, "active")) ?? before?.Busy,
            Waiting = Whole(Get(body, "waiting")) ?? before?.Waiting,
            Children = Whole(Get(body, "children")) ?? before?.Children,
            Memory = (long?)Number(Get(body, "memory")) ?? before?.Memory,
            Cpu = Number(Get(body, "cpu")) ?? before?.Cpu,
            Temperature = Number(Get(body, "temperature")) ?? before?.Temperature,
            Throttled = Texts(Get(body, "throttled")) ?? before?.Throttled,
            Processed = processed ?? before?.Processed,
            CountedAt = processed is null ? before?.CountedAt : record.At,
            PerSecond = before?.PerSecond,
            Labels = Get(body, "labels") is { ValueKind: JsonValueKind.Object } labels ? [.. labels.EnumerateObject().Select(Label)] : before?.Labels ?? [],
            Queues = Texts(Get(body, "queues")) ?? before?.Queues ?? [],
            ConfigVersion = Get(Get(body, "config"), "version")?.ToString() ?? before?.ConfigVersion,
            ConfigSource = Get(body, "config") is { } config ? Get(config, "source")?.ToString() : before?.ConfigSource,
        };
        if (processed is null || before is not { Processed: { } was, CountedAt: { } countedAt } || processed < was)
            return now;
        // Two close together, as when somebody asked for one: the older one stays the beginning.
        return record.At - countedAt is { TotalSeconds: > 0.5 } passed
            ? now with { PerSecond = Math.Round((processed.Value - was) / passed.TotalSeconds, 1) }
            : now with { Processed = was, CountedAt = countedAt };
    }

    private static string Label(JsonProperty label) => label.Value.ValueKind == JsonValueKind.True ? label.Name : $"{label.Name}={label.Value}";

    private static JsonElement? Get(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(name, out JsonElement value) ? value : null;

    private static IReadOnlyList<string>? Texts(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(item => item.ToString())] : null;

    private static double? Number(JsonElement? value) => value is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double read) ? read : null;

    private static int? Whole(JsonElement? value) => (int?)Number(value);
}
