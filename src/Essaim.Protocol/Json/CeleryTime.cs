using System.Globalization;
using System.Text;

namespace Essaim.Protocol;

/// <summary>
/// Instants as Celery writes and reads them. Written with no fraction or exactly six digits, because Celery before 5.3.5 reads
/// the fraction as a count of microseconds, and with a colon in the offset, because 5.2 silently drops <c>+0000</c>.
/// </summary>
public static class CeleryTime
{
    /// <summary>Longest text <see cref="Format(DateTimeOffset)"/> makes, in characters.</summary>
    internal const int MaxLength = 32;

    /// <summary>
    /// Writes <paramref name="instant"/> in its own offset, such as <c>2026-11-22T02:20:02.616766+00:00</c>; below a microsecond it is cut off.
    /// </summary>
    public static string Format(DateTimeOffset instant) => instant.ToString(Pattern(instant.Ticks), CultureInfo.InvariantCulture);

    internal static int Format(DateTimeOffset instant, Span<byte> output)
    {
        instant.TryFormat(output, out int written, Pattern(instant.Ticks), CultureInfo.InvariantCulture);
        return written;
    }

    private static string Pattern(long ticks) => ticks % TimeSpan.TicksPerSecond < TimeSpan.TicksPerMicrosecond
        ? "yyyy-MM-ddTHH:mm:sszzz"
        : "yyyy-MM-ddTHH:mm:ss.ffffffzzz";

    /// <summary>Reads ISO 8601 text; see <see cref="TryParse(ReadOnlySpan{byte}, out DateTimeOffset)"/>.</summary>
    public static bool TryParse(string? text, out DateTimeOffset instant)
    {
        instant = default;
        return text is { Length: <= 64 } && TryParse(Encoding.UTF8.GetBytes(text), out instant);
    }

    /// <summary>
    /// Reads ISO 8601 text: a date alone, or date and time parted by <c>T</c> or a space, with 0 to 9 fraction digits (those below
    /// 100 ns are cut off) and the offset <c>Z</c>, <c>+05:30</c>, <c>+0530</c>, <c>+05</c> or none, which means UTC.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out DateTimeOffset instant) => TryParse(utf8, out instant, out _);

    /// <summary>As above; <paramref name="zoned"/> says whether the text named an offset.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> utf8, out DateTimeOffset instant, out bool zoned)
    {
        instant = default;
        zoned = false;
        if (utf8.Length < 10 || utf8[4] != '-' || utf8[7] != '-'
            || !Digits(utf8[..4], out int year) || !Digits(utf8[5..7], out int month) || !Digits(utf8[8..10], out int day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;

        long ticks = new DateTime(year, month, day).Ticks;
        ReadOnlySpan<byte> rest = utf8[10..];
        if (rest.Length > 0)
        {
            if (rest[0] is not ((byte)'T' or (byte)'t' or (byte)' ') || !TryParseClock(rest[1..], out long clock, out int used))
                return false;
            ticks += clock;
            rest = rest[(1 + used)..];
        }

        zoned = rest.Length > 0;
        if (!TryParseOffset(rest, out TimeSpan offset))
            return false;
        long utc = ticks - offset.Ticks;
        if (utc < DateTime.MinValue.Ticks || utc > DateTime.MaxValue.Ticks)
            return false;
        instant = new DateTimeOffset(ticks, offset);
        return true;
    }

    /// <summary>Reads <c>HH:MM[:SS[.fraction]]</c> and says how many bytes it took.</summary>
    internal static bool TryParseClock(ReadOnlySpan<byte> text, out long ticks, out int used)
    {
        ticks = 0;
        used = 5;
        if (text.Length < 5 || text[2] != ':' || !Digits(text[..2], out int hour) || !Digits(text[3..5], out int minute)
            || hour > 23 || minute > 59)
            return false;
        ticks = hour * TimeSpan.TicksPerHour + minute * TimeSpan.TicksPerMinute;
        if (text.Length < 8 || text[5] != ':')
            return text.Length == 5 || text[5] != ':';
        if (!Digits(text[6..8], out int second) || second > 59)
            return false;
        ticks += second * TimeSpan.TicksPerSecond;
        used = 8;
        if (text.Length == 8 || text[8] is not ((byte)'.' or (byte)','))
            return true;

        long unit = TimeSpan.TicksPerSecond / 10;
        int at = 9;
        for (; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++, unit /= 10)
            ticks += (text[at] - '0') * unit;
        used = at;
        return at is > 9 and <= 18;
    }

    private static bool TryParseOffset(ReadOnlySpan<byte> text, out TimeSpan offset)
    {
        offset = default;
        if (text.IsEmpty || text.Length == 1 && text[0] is (byte)'Z' or (byte)'z')
            return true;
        if (text.Length is not (3 or 5 or 6) || text[0] is not ((byte)'+' or (byte)'-') || !Digits(text[1..3], out int hours))
            return false;
        int minutes = 0;
        if (text.Length > 3 && (!Digits(text[^2..], out minutes) || text.Length == 6 && text[3] != ':'))
            return false;
        int total = hours * 60 + minutes;
        if (minutes > 59 || total > 14 * 60)
            return false;
        offset = TimeSpan.FromMinutes(text[0] == '-' ? -total : total);
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (byte digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            value = value * 10 + digit - '0';
        }

        return true;
    }
}
