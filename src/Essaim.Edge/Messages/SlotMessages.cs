using System.Text.Json;
using System.Text.Json.Serialization;

namespace Essaim.Edge;

/// <summary>What every message has.</summary>
internal interface IEdgeMessage
{
    /// <summary>Version of the format; 1.</summary>
    [JsonPropertyName("v")]
    int Version { get; }
}

/// <summary><c>up/state</c>, retained: a slot is there, or, as the will and at an orderly end, is not.</summary>
internal sealed record DeviceState : IEdgeMessage
{
    public const string Online = "online";
    public const string Offline = "offline";
    public const string Lost = "lost";
    public const string Shutdown = "shutdown";

    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    public required string State { get; init; }

    /// <summary>Why it is offline: <c>lost</c> or <c>shutdown</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>This run of the agent: 8 hex digits, new at each start.</summary>
    public required string Boot { get; init; }

    /// <summary>Connections of this run, from 1.</summary>
    public required int Session { get; init; }

    /// <summary>The journal's: 12 hex digits.</summary>
    public string? Epoch { get; init; }

    /// <summary>The last number given in this epoch.</summary>
    [JsonPropertyName("seq")]
    public long? Sequence { get; init; }

    /// <summary>Votes the core has not yet answered.</summary>
    public int? Open { get; init; }

    [JsonPropertyName("fw")]
    public string? Firmware { get; init; }

    /// <summary>Version of the configuration that is applied.</summary>
    [JsonPropertyName("cfg")]
    public int? Configuration { get; init; }
}

/// <summary><c>up/hb</c>: still there.</summary>
internal sealed record SlotHeartbeat : IEdgeMessage
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    public required string Boot { get; init; }

    [JsonPropertyName("n")]
    public long Number { get; init; }

    public int Open { get; init; }

    /// <summary>Temperature of the processor in °C, where it says.</summary>
    [JsonPropertyName("temp")]
    public double? Temperature { get; init; }

    /// <summary><c>synced</c>, or what the clock is instead.</summary>
    public string? Clock { get; init; }
}

/// <summary><c>up/event</c>: someone pressed a button.</summary>
internal sealed record SlotEvent : IEdgeMessage
{
    public const string Vote = "vote";

    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    [JsonPropertyName("e")]
    public required string Epoch { get; init; }

    [JsonPropertyName("s")]
    public required long Sequence { get; init; }

    [JsonPropertyName("k")]
    public required string Kind { get; init; }

    /// <summary>The round it was given in, as the slot knew it; null where it knew none.</summary>
    public string? Round { get; init; }

    public string? Input { get; init; }

    public required string Choice { get; init; }

    /// <summary>By the slot's wall clock; shown, never decided by.</summary>
    public string? At { get; init; }

    /// <summary>By the slot's monotonic clock, in ms.</summary>
    [JsonPropertyName("mono")]
    public long Monotonic { get; init; }

    /// <summary>How long ago, in ms, when this was sent; null where the slot was booted since.</summary>
    public long? Age { get; init; }

    /// <summary>The slot's clock was synchronised.</summary>
    [JsonPropertyName("sync")]
    public bool IsSynchronised { get; init; }
}

/// <summary><c>up/input</c>, retained: levels of all inputs.</summary>
internal sealed record SlotInputs : IEdgeMessage
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    public required IReadOnlyDictionary<string, bool> Inputs { get; init; }

    /// <summary>Number of the kernel's last event.</summary>
    [JsonPropertyName("seqno")]
    public long Number { get; init; }

    /// <summary>Events the kernel lost.</summary>
    public long Holes { get; init; }
}

/// <summary><c>up/config</c>, retained: what became of a configuration.</summary>
internal sealed record ReportedConfiguration : IEdgeMessage
{
    public const string Applied = "applied";
    public const string Rejected = "rejected";

    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    [JsonPropertyName("version")]
    public required int Number { get; init; }

    public required string Status { get; init; }

    public string? Error { get; init; }
}

/// <summary><c>up/reply</c>: what became of a command.</summary>
internal sealed record CommandReply : IEdgeMessage
{
    public const string Done = "done";
    public const string Failed = "failed";
    public const string Expired = "expired";

    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    public required string Id { get; init; }

    public required string Status { get; init; }

    public JsonElement? Result { get; init; }
}
