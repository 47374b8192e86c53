using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>Instants; a time without an offset is UTC.</summary>
internal sealed class DateTimeOffsetConverter() : TypedValueConverter<DateTimeOffset>("datetime", "date")
{
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(CeleryTime.Format(value));

    protected override Maybe? ReadPlain(ref Utf8JsonReader reader) =>
        CeleryTime.TryParse(Text(ref reader), out DateTimeOffset instant) ? new Maybe(instant) : null;
}

/// <summary>Times of day on a date: with an offset they read as UTC, without one as <see cref="DateTimeKind.Unspecified"/>, Python's naive datetime.</summary>
internal sealed class DateTimeConverter() : TypedValueConverter<DateTime>("datetime", "date")
{
    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options)
    {
        string zoned = CeleryTime.Format(value.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(value, TimeSpan.Zero) : new DateTimeOffset(value));
        writer.WriteStringValue(value.Kind == DateTimeKind.Unspecified ? zoned[..^"+00:00".Length] : zoned);
    }

    protected override Maybe? ReadPlain(ref Utf8JsonReader reader) =>
        CeleryTime.TryParse(Text(ref reader), out DateTimeOffset instant, out bool zoned)
            ? new Maybe(zoned ? instant.UtcDateTime : instant.DateTime)
            : null;
}

/// <summary>Dates, <c>2031-01-02</c>.</summary>
internal sealed class DateOnlyConverter() : TypedValueConverter<DateOnly>("date")
{
    public override void Write(Utf8JsonWriter writer, DateOnly value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString("yyyy-MM-dd"));

    protected override Maybe? ReadPlain(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> text = Text(ref reader);
        return text.Length == 10 && CeleryTime.TryParse(text, out DateTimeOffset instant)
            ? new Maybe(DateOnly.FromDateTime(instant.DateTime))
            : null;
    }
}

/// <summary>Times of day without an offset, <c>03:04:05.678901</c>.</summary>
internal sealed class TimeOnlyConverter() : TypedValueConverter<TimeOnly>("time")
{
    public override void Write(Utf8JsonWriter writer, TimeOnly value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString(value.Ticks % TimeSpan.TicksPerSecond < TimeSpan.TicksPerMicrosecond ? "HH:mm:ss" : "HH:mm:ss.ffffff"));

    protected override Maybe? ReadPlain(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> text = Text(ref reader);
        return CeleryTime.TryParseClock(text, out long ticks, out int used) && used == text.Length ? new Maybe(new TimeOnly(ticks)) : null;
    }
}
