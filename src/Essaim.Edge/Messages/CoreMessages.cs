using System.Text.Json;
using System.Text.Json.Serialization;

namespace Essaim.Edge;

/// <summary><c>down/ack</c>: the core has committed these votes, or knew them.</summary>
internal sealed record VoteAck : IEdgeMessage
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    [JsonPropertyName("e")]
    public required string Epoch { get; init; }

    [JsonPropertyName("s")]
    public required IReadOnlyList<long> Sequences { get; init; }

    /// <summary>A verdict for each, in the order of <see cref="Sequences"/>.</summary>
    [JsonPropertyName("d")]
    public required IReadOnlyList<VoteVerdict> Verdicts { get; init; }

    /// <summary>The highest number the core has seen in this epoch.</summary>
    [JsonPropertyName("max")]
    public long Highest { get; init; }
}

/// <summary>What the core made of a vote.</summary>
[JsonConverter(typeof(WordConverter<VoteVerdict>))]
internal enum VoteVerdict
{
    /// <summary>It counts in its round.</summary>
    [JsonStringEnumMemberName("counted")]
    Counted,

    /// <summary>Its round was not open, or full; it is kept and shown, and counts nowhere.</summary>
    [JsonStringEnumMemberName("late")]
    Late,

    /// <summary>The core holds another vote under this number: the slot gives it a new one, in a new epoch.</summary>
    [JsonStringEnumMemberName("conflict")]
    Conflict,
}

/// <summary><c>down/config</c>, retained: how the slot is to be.</summary>
internal sealed record DesiredConfiguration : IEdgeMessage
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    /// <summary>Only grows.</summary>
    [JsonPropertyName("version")]
    public required int Number { get; init; }

    public required JsonElement Config { get; init; }
}

/// <summary><c>down/cmd</c>: something to do, once.</summary>
internal sealed record SlotCommand : IEdgeMessage
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    public required string Id { get; init; }

    public required string Name { get; init; }

    public JsonElement? Args { get; init; }

    /// <summary>Not to be done after this, by the core's clock.</summary>
    public required DateTimeOffset Until { get; init; }
}

/// <summary><c>core/state</c>, retained and the core's will.</summary>
internal sealed record CoreState : IEdgeMessage
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    /// <summary><see cref="DeviceState.Online"/> or <see cref="DeviceState.Offline"/>.</summary>
    public required string State { get; init; }

    /// <summary>This run of the core: 8 hex digits.</summary>
    public required string Boot { get; init; }
}

/// <summary><c>night/current</c>, retained: the round there is.</summary>
internal sealed record RoundNotice : IEdgeMessage
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = EdgeJson.Version;

    /// <summary>Null where there never was one.</summary>
    public string? Round { get; init; }

    /// <summary>Grows with each change of the round.</summary>
    [JsonPropertyName("rev")]
    public int Revision { get; init; }

    public required RoundState State { get; init; }

    public int Expected { get; init; }

    public int Votes { get; init; }
}

/// <summary>Where a round stands.</summary>
[JsonConverter(typeof(WordConverter<RoundState>))]
internal enum RoundState
{
    /// <summary>No round has been opened.</summary>
    [JsonStringEnumMemberName("idle")]
    Idle,

    /// <summary>Votes count.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>It has its votes, or was closed early.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed,

    /// <summary>It was declared void, with a reason.</summary>
    [JsonStringEnumMemberName("void")]
    Void,
}
