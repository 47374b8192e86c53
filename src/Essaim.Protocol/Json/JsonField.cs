using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>Reads one field as the type the protocol gives it; a null is null, anything else a refusal that names the field.</summary>
internal static class JsonField
{
    /// <summary>Text or null. <paramref name="likely"/> is returned instead of a new string where it is the same text.</summary>
    public static string? Text(ref Utf8JsonReader reader, string field, string? likely = null)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.String)
            throw Wrong(ref reader, field, "text");
        if (likely is not null && reader.ValueTextEquals(likely))
            return likely;
        return reader.ValueSpan.IsEmpty ? "" : reader.GetString();
    }

    /// <summary>A whole number or null; Python's tolerance of <c>"3"</c> and <c>3.0</c> is kept.</summary>
    public static int? Whole(ref Utf8JsonReader reader, string field)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.Number when reader.TryGetInt32(out int value):
                return value;
            case JsonTokenType.Number when reader.TryGetDouble(out double value) && value == Math.Truncate(value) && Math.Abs(value) <= int.MaxValue:
                return (int)value;
            case JsonTokenType.String when int.TryParse(reader.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value):
                return value;
            default:
                throw Wrong(ref reader, field, "a whole number of 32 bits");
        }
    }

    /// <summary>True, false or null.</summary>
    public static bool? Flag(ref Utf8JsonReader reader, string field) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Wrong(ref reader, field, "true or false"),
    };

    /// <summary>A number of seconds, or null.</summary>
    public static TimeSpan? Seconds(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        // Beyond this many seconds ticks overflow; no limit or delay means that.
        const double limit = 900_000_000_000;
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out double seconds) || !(Math.Abs(seconds) < limit))
            throw Wrong(ref reader, field, "a number of seconds below 9e11");
        return reader.TryGetDecimal(out decimal exact)
            ? new TimeSpan((long)decimal.Round(exact * TimeSpan.TicksPerSecond))
            : TimeSpan.FromSeconds(seconds);
    }

    /// <summary>An ISO 8601 instant, plain or as a typed value (<c>{"__type__": "datetime", ...}</c>), or null.</summary>
    public static DateTimeOffset? Instant(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType == JsonTokenType.StartObject)
            return TypedInstant(ref reader, field);
        if (reader.TokenType != JsonTokenType.String)
            throw Wrong(ref reader, field, "an ISO 8601 time");
        Span<byte> unescaped = stackalloc byte[64];
        scoped ReadOnlySpan<byte> text = reader.ValueSpan;
        if (reader.ValueIsEscaped && text.Length <= 64)
            text = unescaped[..reader.CopyString(unescaped)];
        return CeleryTime.TryParse(text, out DateTimeOffset instant) ? instant : throw Wrong(ref reader, field, "an ISO 8601 time");
    }

    private static DateTimeOffset? TypedInstant(ref Utf8JsonReader reader, string field)
    {
        long at = reader.TokenStartIndex;
        DateTimeOffset? instant = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            bool value = reader.ValueTextEquals("__value__"u8);
            reader.Read();
            if (value && reader.TokenType == JsonTokenType.String)
                instant = Instant(ref reader, field);
            else
                reader.Skip();
        }

        return instant ?? throw new MessageFormatException($"{field} (byte {at}) must be an ISO 8601 time, and is an object that holds none.", field, at);
    }

    public static MessageFormatException Wrong(ref Utf8JsonReader reader, string field, string wanted)
    {
        string came = reader.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "a list",
            JsonTokenType.EndObject or JsonTokenType.EndArray => "missing",
            JsonTokenType.String => $"\"{Excerpt(reader.ValueSpan)}\"",
            _ => Excerpt(reader.ValueSpan),
        };
        return new MessageFormatException($"{field} (byte {reader.TokenStartIndex}) must be {wanted}, and is {came}.", field, reader.TokenStartIndex);
    }

    private static string Excerpt(ReadOnlySpan<byte> text) =>
        text.Length <= 40 ? Encoding.UTF8.GetString(text) : Encoding.UTF8.GetString(text[..40]) + "...";
}
