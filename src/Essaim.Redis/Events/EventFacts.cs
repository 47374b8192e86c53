using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>
/// What routes an event. Celery's event objects carry all of it; where one does not, it travels in the header
/// <see cref="Header"/> as <c>[type, uuid, ticks]</c>, which Celery ignores.
/// </summary>
internal sealed record EventFacts(string Type, string Hostname, string? TaskId, DateTimeOffset At)
{
    public const string Header = "essaim-events";

    // A timestamp is a double: it is exact to a quarter of a microsecond.
    private static readonly TimeSpan Precision = TimeSpan.FromMicroseconds(1);

    /// <summary>The facts of <paramref name="record"/>, or null where its body says the same.</summary>
    public static EventFacts? MissingIn(EventRecord record, string hostname)
    {
        if (record.BodyIsComplete && record.Hostname == hostname)
            return null;
        EventFacts? read = TryRead(record.Body.Utf8, hostname);
        bool same = read is not null && read.Type == record.Type && read.Hostname == record.Hostname && read.TaskId == record.TaskId
            && (read.At - record.At).Duration() < Precision;
        return same ? null : new EventFacts(record.Type, record.Hostname, record.TaskId, record.At);
    }

    /// <summary>Reads an event object; null where it has no type or no time, or is no object.</summary>
    public static EventFacts? TryRead(ReadOnlyMemory<byte> body, string hostname)
    {
        Utf8JsonReader json = new(body.Span);
        string? type = null;
        string? taskId = null;
        double? timestamp = null;
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            return null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = json.ValueTextEquals("type"u8);
            bool isHost = json.ValueTextEquals("hostname"u8);
            bool isTask = json.ValueTextEquals("uuid"u8);
            bool isTime = json.ValueTextEquals("timestamp"u8);
            json.Read();
            if (json.TokenType == JsonTokenType.String && isType)
                type = json.GetString();
            else if (json.TokenType == JsonTokenType.String && isHost)
                hostname = json.GetString()!;
            else if (json.TokenType == JsonTokenType.String && isTask)
                taskId = json.GetString();
            else if (json.TokenType == JsonTokenType.Number && isTime)
                timestamp = json.GetDouble();
            else
                json.Skip();
        }

        return type is null || timestamp is not { } seconds || !TryTime(seconds, out DateTimeOffset at)
            ? null
            : new EventFacts(type, hostname, taskId, at);
    }

    public EventRecord With(RawJson body) => new(Type, Hostname, TaskId, At, body);

    public static void WriteHeader(Utf8JsonWriter json, EventFacts?[] all)
    {
        json.WriteStartArray(Header);
        foreach (EventFacts? facts in all)
        {
            if (facts is null)
            {
                json.WriteNullValue();
                continue;
            }

            json.WriteStartArray();
            json.WriteStringValue(facts.Type);
            json.WriteStringValue(facts.TaskId);
            json.WriteNumberValue(facts.At.UtcTicks);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    /// <summary>The facts of the event in place <paramref name="index"/>, where the header has them.</summary>
    public static EventFacts? FromHeader(JsonElement? header, int index, string hostname)
    {
        if (header is not { ValueKind: JsonValueKind.Array } all || index >= all.GetArrayLength() || all[index] is not { ValueKind: JsonValueKind.Array } facts)
            return null;
        return new EventFacts(facts[0].GetString()!, hostname, facts[1].GetString(), new DateTimeOffset(facts[2].GetInt64(), TimeSpan.Zero));
    }

    private static bool TryTime(double seconds, out DateTimeOffset at)
    {
        double ticks = (seconds * TimeSpan.TicksPerSecond) + DateTimeOffset.UnixEpoch.Ticks;
        bool inRange = ticks >= DateTimeOffset.MinValue.Ticks && ticks < DateTimeOffset.MaxValue.Ticks;
        at = inRange ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)) : default;
        return inRange;
    }
}
