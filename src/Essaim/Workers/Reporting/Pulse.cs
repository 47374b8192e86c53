using System.Text.Json;

namespace Essaim;

/// <summary>How a worker is at one moment: what its heartbeats tell beside Celery's fields.</summary>
internal sealed record Pulse
{
    public required NodeLabels Labels { get; init; }

    public required (int Now, int Min, int Max) Slots { get; init; }

    public required int Busy { get; init; }

    public required int Waiting { get; init; }

    /// <summary>Child processes that are up.</summary>
    public required int Children { get; init; }

    /// <summary>Resident bytes, children included; null where the system does not tell.</summary>
    public required long? Memory { get; init; }

    /// <summary>Share of one core since the pulse before, children included; null for the first.</summary>
    public required double? Processor { get; init; }

    public required MachineHeat Heat { get; init; }

    public required IReadOnlyList<string> Queues { get; init; }

    /// <summary>The configuration it applies.</summary>
    public required ConfigState Configuration { get; init; }

    public void Write(Utf8JsonWriter json)
    {
        json.WritePropertyName("labels"u8);
        Labels.WriteOwn(json);
        json.WritePropertyName("facts"u8);
        Labels.Facts.Write(json);
        // Of nodes that run functions only.
        if (Labels.Environments.Count > 0)
        {
            json.WritePropertyName("environments"u8);
            JsonSerializer.Serialize(json, Labels.Environments);
        }

        json.WriteStartObject("slots"u8);
        json.WriteNumber("now"u8, Slots.Now);
        json.WriteNumber("min"u8, Slots.Min);
        json.WriteNumber("max"u8, Slots.Max);
        json.WriteEndObject();
        json.WriteNumber("busy"u8, Busy);
        json.WriteNumber("waiting"u8, Waiting);
        json.WriteNumber("children"u8, Children);
        if (Memory is { } memory)
            json.WriteNumber("memory"u8, memory);
        if (Processor is { } share)
            json.WriteNumber("cpu"u8, Math.Round(share, 4));
        if (Heat.Celsius is { } celsius)
            json.WriteNumber("temperature"u8, celsius);
        if (Heat.Throttled is { } throttled)
            WriteList(json, "throttled"u8, throttled);
        WriteList(json, "queues"u8, Queues);
        Configuration.Write(json);
    }

    private static void WriteList(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}

/// <summary>Takes a worker's pulse. For one caller at a time.</summary>
internal sealed class PulseTaker(NodeLabels labels, WorkerOptions options, Scheduler scheduler, SlotScaler scaler, ConsumedQueues queues, ConfigApplier applier, TimeProvider time)
{
    private (long At, TimeSpan Processor)? _before;

    public Pulse Take()
    {
        (int slots, int busy, int waiting) = scheduler.Count();
        (int min, int max) = scaler.Range;
        IReadOnlyList<int> children = options.Pool == WorkerPool.Processes ? scheduler.GetProcessIds() : [];
        ProcessUse? use = ProcessUse.Read([Environment.ProcessId, .. children]);
        double? share = null;
        long now = time.GetTimestamp();
        if (use is { } used)
        {
            if (_before is var (at, processor) && time.GetElapsedTime(at, now) is { Ticks: > 0 } elapsed)
                share = Math.Max(0, (used.Processor - processor) / elapsed);
            _before = (now, used.Processor);
        }

        return new Pulse
        {
            Labels = labels,
            Slots = (slots, min, max),
            Busy = busy,
            Waiting = waiting,
            Children = children.Count,
            Memory = use?.Memory,
            Processor = share,
            Heat = MachineHeat.Read(),
            Queues = queues.Names,
            Configuration = applier.State,
        };
    }
}
