namespace Essaim;

/// <summary>When a schedule fires. Immutable; safe on all threads.</summary>
/// <remarks>
/// With <c>using static Essaim.Recurrence;</c> a schedule reads
/// <c>app.AddSchedule("nightly", Cron("0 3 * * *", "Europe/Paris"), signature)</c>.
/// </remarks>
public abstract class Recurrence
{
    private protected Recurrence()
    {
    }

    /// <summary>Fires by the wall clock of a time zone.</summary>
    /// <param name="text">Five fields (minute, hour, day of month, month, day of week), or <c>@hourly</c>, <c>@daily</c>, <c>@weekly</c>, <c>@monthly</c>, <c>@yearly</c>.</param>
    /// <param name="timeZone">IANA name such as <c>Europe/Paris</c>. Default <c>UTC</c>.</param>
    /// <exception cref="ScheduleException"><c>ESS4101</c> the text names no time; <c>ESS4103</c> the zone is not known here.</exception>
    public static Recurrence Cron(string text, string timeZone = "UTC") => new CronRecurrence(text, timeZone);

    /// <summary>Fires again and again after the same time, first one interval after it was added.</summary>
    /// <param name="interval">At least 1 s.</param>
    /// <exception cref="ScheduleException"><c>ESS4102</c> the interval is shorter than a second.</exception>
    public static Recurrence Every(TimeSpan interval) => new IntervalRecurrence(interval);

    /// <summary>The first firing after <paramref name="after"/>. Intervals are counted from <paramref name="phase"/>. Null: never again.</summary>
    internal abstract DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset phase);

    /// <summary>The last firing at or before <paramref name="at"/>.</summary>
    internal abstract DateTimeOffset? Previous(DateTimeOffset at, DateTimeOffset phase);
}
