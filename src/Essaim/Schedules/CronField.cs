using System.Globalization;

namespace Essaim;

/// <summary>One of a cron text's five fields: what it is called (with its article), what it may hold, and how its text becomes a set of numbers.</summary>
internal sealed record CronField(string Title, int Min, int Max, string[] Names)
{
    public static readonly CronField Minute = new("a minute", 0, 59, []);
    public static readonly CronField Hour = new("an hour", 0, 23, []);
    public static readonly CronField DayOfMonth = new("a day of month", 1, 31, []);
    public static readonly CronField Month = new("a month", 1, 12, ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]);
    public static readonly CronField DayOfWeek = new("a day of week", 0, 7, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]);

    /// <summary>The numbers a field's text stands for, ascending; Sunday is 0.</summary>
    public SortedSet<int> Parse(string text, string cron)
    {
        SortedSet<int> values = [];
        foreach (string item in text.Split(','))
            AddItem(item, values, cron);
        if (this == DayOfWeek && values.Remove(7))
            values.Add(0);
        return values;
    }

    /// <summary>How many different numbers the field has: 7 days, though Sunday has two of them.</summary>
    public bool IsFull(SortedSet<int> values) => values.Count == (this == DayOfWeek ? 7 : Max - Min + 1);

    private void AddItem(string item, SortedSet<int> values, string cron)
    {
        string[] parts = item.Split('/');
        if (parts.Length > 2 || parts[0].Length == 0)
            throw Error(cron, item, Allowed);
        int step = parts.Length == 2 ? ParseStep(parts[1], item, cron) : 1;

        string[] bounds = parts[0].Split('-');
        if (bounds.Length > 2)
            throw Error(cron, item, Allowed);
        bool every = parts[0] == "*";
        int first = every ? Min : ParseValue(bounds[0], item, cron);
        int last = every ? Math.Min(Max, Min + TopOffset)
            : bounds.Length == 2 ? ParseValue(bounds[1], item, cron)
            : parts.Length == 2 ? Math.Min(Max, Min + TopOffset) : first;
        // SUN may stand at the end of a range of days, as in FRI-SUN.
        if (this == DayOfWeek && bounds.Length == 2 && last == 0 && first > 0)
            last = 7;
        if (first > last)
            throw Error(cron, item, "a range goes from the smaller to the larger; write two ranges, separated by a comma");
        for (int value = first; value <= last; value += step)
            values.Add(value);
    }

    /// <summary>Of the days of the week, 7 is a second name of 0, so steps end at 6.</summary>
    private int TopOffset => (this == DayOfWeek ? 6 : Max) - Min;

    private int ParseStep(string text, string item, string cron) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int step) && step >= 1 && step <= Max
            ? step
            : throw Error(cron, item, string.Create(CultureInfo.InvariantCulture, $"a step is a number from 1 to {Max}"));

    private int ParseValue(string text, string item, string cron)
    {
        int named = Array.FindIndex(Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (named >= 0)
            return named + Min;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= Min && value <= Max
            ? value
            : throw Error(cron, item, Allowed);
    }

    private string Allowed => string.Create(
        CultureInfo.InvariantCulture,
        $"allowed are *, numbers from {Min} to {Max}{(Names.Length == 0 ? "" : $", names from {Names[0]} to {Names[^1]}")}, ranges (a-b), steps (*/n, a-b/n) and lists (a,b)");

    private ScheduleException Error(string cron, string item, string rule) =>
        new("ESS4101", $"The cron text '{cron}' cannot be read: '{item}' is not {Title}; {rule}.");
}
