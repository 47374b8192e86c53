using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>Writes the protocol's value types.</summary>
internal static class JsonWriting
{
    public static void WriteRaw(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, RawJson value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }

    public static void WriteInstant(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? instant)
    {
        if (instant is not { } value)
        {
            writer.WriteNull(name);
            return;
        }

        Span<byte> text = stackalloc byte[CeleryTime.MaxLength];
        writer.WriteString(name, text[..CeleryTime.Format(value, text)]);
    }

    public static void WriteWhole(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, int? number)
    {
        if (number is { } value)
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    public static void WriteSeconds(this Utf8JsonWriter writer, TimeSpan? span)
    {
        if (span is not { } value)
            writer.WriteNullValue();
        else if (value.Ticks % TimeSpan.TicksPerSecond == 0)
            writer.WriteNumberValue(value.Ticks / TimeSpan.TicksPerSecond);
        else
            writer.WriteNumberValue(value.Ticks / (decimal)TimeSpan.TicksPerSecond);
    }
}
