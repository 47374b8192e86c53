using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Essaim.Redis;

/// <summary>A message that is no task, as it came: event or control.</summary>
/// <param name="Body">The decoded body.</param>
/// <param name="Headers">A JSON object, or undefined where there was none.</param>
internal readonly record struct KombuMessage(ReadOnlyMemory<byte> Body, JsonElement Headers)
{
    public string? HeaderText(string name) =>
        Header(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public double? HeaderNumber(string name) =>
        Header(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out double number) ? number : null;

    public long? HeaderWhole(string name) =>
        Header(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number) ? number : null;

    public JsonElement? Header(string name) =>
        Headers.ValueKind == JsonValueKind.Object && Headers.TryGetProperty(name, out JsonElement value) ? value : null;
}

/// <summary>kombu's envelope around events, control requests and replies, in its key order.</summary>
internal static class KombuEnvelope
{
    // What Python's json leaves as it is stays as it is; everything else readers accept either way.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="body">JSON text.</param>
    /// <param name="writeHeaders">Writes the properties of the headers object.</param>
    /// <param name="deliveryMode">1 for events and replies, 2 for requests.</param>
    /// <param name="exchange">Goes into the delivery info.</param>
    /// <param name="routingKey">Goes into the delivery info.</param>
    public static ReadOnlyMemory<byte> Write(
        ReadOnlySpan<byte> body, Action<Utf8JsonWriter> writeHeaders, int deliveryMode, string exchange, string routingKey)
    {
        ArrayBufferWriter<byte> buffer = new(512 + (body.Length * 4 / 3));
        using (Utf8JsonWriter json = new(buffer, Relaxed))
        {
            json.WriteStartObject();
            json.WriteBase64String("body"u8, body);
            json.WriteString("content-encoding"u8, "utf-8"u8);
            json.WriteString("content-type"u8, "application/json"u8);
            json.WriteStartObject("headers"u8);
            writeHeaders(json);
            json.WriteEndObject();
            json.WriteStartObject("properties"u8);
            json.WriteNumber("delivery_mode"u8, deliveryMode);
            json.WriteStartObject("delivery_info"u8);
            json.WriteString("exchange"u8, exchange);
            json.WriteString("routing_key"u8, routingKey);
            json.WriteEndObject();
            json.WriteNumber("priority"u8, 0);
            json.WriteString("body_encoding"u8, "base64"u8);
            json.WriteString("delivery_tag"u8, Guid.NewGuid());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>False where the bytes are no envelope with a JSON body that is not compressed.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> envelope, out KombuMessage message)
    {
        message = default;
        try
        {
            using JsonDocument document = JsonDocument.Parse(envelope);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("body", out JsonElement body) || body.ValueKind != JsonValueKind.String
                || (root.TryGetProperty("content-type", out JsonElement type) && type.GetString() is not (null or "application/json")))
            {
                return false;
            }

            bool plain = !root.TryGetProperty("properties", out JsonElement properties)
                || !properties.TryGetProperty("body_encoding", out JsonElement encoding) || encoding.GetString() != "base64";
            byte[] bytes = plain ? System.Text.Encoding.UTF8.GetBytes(body.GetString()!) : body.GetBytesFromBase64();
            JsonElement headers = root.TryGetProperty("headers", out JsonElement found) ? found.Clone() : default;
            message = new KombuMessage(bytes, headers);
            return message.HeaderText("compression") is null;
        }
        catch (Exception error) when (IsMalformed(error))
        {
            return false;
        }
    }

    /// <summary>What reading JSON of unknown origin may throw.</summary>
    public static bool IsMalformed(Exception error) => error is JsonException or InvalidOperationException or FormatException;
}
