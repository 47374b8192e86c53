using System.Globalization;
using Quartz;

namespace Essaim;

/// <summary>
/// Five cron fields in a time zone, over Quartz's expression. Where hours are chosen, each wall-clock time happens once a day: a time
/// the clocks skip at the moment they jump, a time they repeat the first time only. Where every hour matches, real time counts:
/// nothing happens at the jump itself, and a repeated hour happens twice.
/// </summary>
internal sealed class CronRecurrence : Recurrence
{
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    };

    // 29 February is at most eight years away from the next.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366 * 20);

    private readonly WallClockWalk _walk;
    private readonly bool _everyHour;

    public CronRecurrence(string text, string timeZone)
    {
        Text = text.Trim();
        TimeZone = timeZone;
        _walk = new WallClockWalk(new CronExpression(Translate(Text, out _everyHour), TimeZoneInfo.Utc), FindZone(timeZone));
        if (Next(DateTimeOffset.UnixEpoch, default) is null)
            throw new ScheduleException("ESS4101", $"The cron text '{Text}' never fires: no such day of month exists in the months it names.");
    }

    public string Text { get; }

    public string TimeZone { get; }

    public override string ToString() => $"cron {Text} ({TimeZone})";

    internal override DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset phase) =>
        _everyHour ? _walk.NextInRealTime(after) : _walk.NextOnceADay(after);

    internal override DateTimeOffset? Previous(DateTimeOffset at, DateTimeOffset phase)
    {
        // Looking back is looking forward from ever earlier; so both directions agree on what a firing is.
        for (TimeSpan window = TimeSpan.FromHours(1); window < Longest && at.UtcTicks > window.Ticks; window *= 2)
        {
            DateTimeOffset? found = null;
            for (DateTimeOffset? next = Next(at - window, phase); next <= at; next = Next(next.Value, phase))
                found = next;
            if (found is not null)
                return found;
        }

        return null;
    }

    private static string Translate(string text, out bool everyHour)
    {
        if (text.StartsWith('@') && !Aliases.ContainsKey(text))
            throw new ScheduleException("ESS4101", $"The cron text '{text}' cannot be read: known short forms are {string.Join(", ", Aliases.Keys)}.");
        string[] fields = Aliases.GetValueOrDefault(text, text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
        {
            throw new ScheduleException(
                "ESS4101",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The cron text '{text}' cannot be read: it has {fields.Length} fields, not five (minute, hour, day of month, month, day of week)."));
        }

        SortedSet<int> weekdays = CronField.DayOfWeek.Parse(fields[4], text);
        string hours = ListOrStar(CronField.Hour, fields[1], text, "*");
        everyHour = hours == "*";
        string days = ListOrStar(CronField.DayOfMonth, fields[2], text, "?");
        string named = CronField.DayOfWeek.IsFull(weekdays) ? "?" : string.Join(',', weekdays.Select(day => CronField.DayOfWeek.Names[day]));
        return string.Join(
            ' ',
            "0",
            string.Join(',', CronField.Minute.Parse(fields[0], text)),
            hours,
            days == "?" && named == "?" ? "*" : days,
            ListOrStar(CronField.Month, fields[3], text, "*"),
            named);
    }

    private static string ListOrStar(CronField field, string text, string cron, string all)
    {
        SortedSet<int> values = field.Parse(text, cron);
        return field.IsFull(values) ? all : string.Join(',', values);
    }

    private static TimeZoneInfo FindZone(string name)
    {
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(name);
        }
        catch (Exception error) when (error is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            throw new ScheduleException(
                "ESS4103",
                $"The time zone '{name}' is not known on this machine. Give an IANA name such as Europe/Paris or UTC; on a small Linux image, install the package tzdata.",
                error);
        }
    }
}
