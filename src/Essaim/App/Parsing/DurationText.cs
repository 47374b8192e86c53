using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Essaim;

/// <summary>Durations on the command line: <c>90</c> (seconds), <c>1.5s</c>, <c>500ms</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>, <c>1h30m</c>.</summary>
internal static partial class DurationText
{
    public static Option<TimeSpan?> Option(string name, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = "DURATION", Description = description, CustomParser = Parse };

    public static TimeSpan? TryParse(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds < MostSeconds)
            return TimeSpan.FromSeconds(seconds);
        if (!Whole().IsMatch(text))
            return null;
        double sum = 0;
        foreach (Match part in Part().Matches(text))
            sum += double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * SecondsOf(part.Groups[2].Value);
        return sum < MostSeconds ? TimeSpan.FromSeconds(sum) : null;
    }

    /// <summary>A duration as it is written on the command line, in its largest whole unit.</summary>
    public static string Show(TimeSpan span) => span switch
    {
        _ when span.TotalMilliseconds % 1000 != 0 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.###}ms"),
        _ when span.TotalSeconds % 60 != 0 || span == TimeSpan.Zero => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0}s"),
        _ when span.TotalMinutes % 60 != 0 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0}m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0}h"),
    };

    private const double MostSeconds = 100 * 365.25 * 86400;

    private static TimeSpan? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        TimeSpan? value = TryParse(text);
        if (value is null)
            result.AddError($"'{text}' is not a duration. Write seconds (90), or 500ms, 30s, 5m, 2h, 1d, 1h30m.");
        return value;
    }

    private static double SecondsOf(string unit) => unit switch
    {
        "ms" => 0.001,
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => 86400,
    };

    [GeneratedRegex(@"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")]
    private static partial Regex Part();
}
