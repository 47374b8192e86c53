using Quartz;

namespace Essaim;

/// <summary>From readings of a wall clock to instants, through the changes of its offset.</summary>
/// <param name="readings">The readings that match, as an expression in UTC.</param>
/// <param name="zone">Where the clock hangs.</param>
internal sealed class WallClockWalk(CronExpression readings, TimeZoneInfo zone)
{
    /// <summary>Each reading counts once: a skipped one at the moment the clock jumps, a repeated one the first time.</summary>
    public DateTimeOffset? NextOnceADay(DateTimeOffset after)
    {
        DateTimeOffset reading = after.ToUniversalTime() + zone.GetUtcOffset(after);
        while (readings.GetNextValidTimeAfter(reading) is { } next)
        {
            DateTimeOffset instant = InstantOf(next);
            if (instant > after)
                return instant;
            reading = next;
        }

        return null;
    }

    /// <summary>Each instant counts whose reading matches: the clock is read under the offset in force, anew wherever that changes.</summary>
    public DateTimeOffset? NextInRealTime(DateTimeOffset after)
    {
        DateTimeOffset from = after.ToUniversalTime();
        TimeSpan offset = zone.GetUtcOffset(from);
        DateTimeOffset reading = from + offset;
        while (readings.GetNextValidTimeAfter(reading) is { } next)
        {
            DateTimeOffset instant = next - offset;
            if (zone.GetUtcOffset(instant) == offset)
                return instant;
            from = FindChange(from, instant, offset);
            offset = zone.GetUtcOffset(from);
            reading = (from + offset).AddTicks(-1);
        }

        return null;
    }

    private DateTimeOffset InstantOf(DateTimeOffset reading)
    {
        DateTime clock = DateTime.SpecifyKind(reading.UtcDateTime, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(clock))
        {
            DateTimeOffset before = reading.AddDays(-2);
            return FindChange(before, reading.AddDays(2), zone.GetUtcOffset(before));
        }

        return reading - (zone.IsAmbiguousTime(clock) ? zone.GetAmbiguousTimeOffsets(clock).Max() : zone.GetUtcOffset(clock));
    }

    private DateTimeOffset FindChange(DateTimeOffset before, DateTimeOffset after, TimeSpan offset)
    {
        while ((after - before).Ticks > 1)
        {
            DateTimeOffset middle = before + ((after - before) / 2);
            if (zone.GetUtcOffset(middle) == offset)
                before = middle;
            else
                after = middle;
        }

        return after;
    }
}
