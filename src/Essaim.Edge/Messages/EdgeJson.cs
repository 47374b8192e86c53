using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Essaim.Edge;

/// <summary>Payloads to bytes and back. Unknown fields are ignored; what is no message of version 1 is none.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 32,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DeviceState))]
[JsonSerializable(typeof(SlotHeartbeat))]
[JsonSerializable(typeof(SlotEvent))]
[JsonSerializable(typeof(SlotInputs))]
[JsonSerializable(typeof(ReportedConfiguration))]
[JsonSerializable(typeof(CommandReply))]
[JsonSerializable(typeof(VoteAck))]
[JsonSerializable(typeof(DesiredConfiguration))]
[JsonSerializable(typeof(SlotCommand))]
[JsonSerializable(typeof(CoreState))]
[JsonSerializable(typeof(RoundNotice))]
[JsonSerializable(typeof(JournalLine))]
[JsonSerializable(typeof(SlotConfig))]
[JsonSerializable(typeof(StoredConfig))]
[JsonSerializable(typeof(SlotStatus))]
[JsonSerializable(typeof(string))]
internal sealed partial class EdgeJson : JsonSerializerContext
{
    /// <summary>The version of the format this program speaks.</summary>
    public const int Version = 1;

    /// <summary>The message, or null where these bytes are none: they are counted and dropped.</summary>
    public static bool TryRead<T>(ReadOnlySpan<byte> payload, JsonTypeInfo<T> type, [NotNullWhen(true)] out T? message)
        where T : class, IEdgeMessage
    {
        try
        {
            message = JsonSerializer.Deserialize(payload, type);
            if (message is { Version: Version })
                return true;
        }
        catch (JsonException)
        {
            // Whoever may publish may publish anything.
        }

        message = null;
        return false;
    }

    public static byte[] Write<T>(T message, JsonTypeInfo<T> type)
        where T : class, IEdgeMessage => JsonSerializer.SerializeToUtf8Bytes(message, type);
}

/// <summary>An enumeration by its words; numbers are none.</summary>
internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
