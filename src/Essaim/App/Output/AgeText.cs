using System.Globalization;

namespace Essaim;

/// <summary>How long ago, for tables: <c>00:05:07</c>, from a day on <c>3 d 4 h</c>.</summary>
internal static class AgeText
{
    /// <summary>A span in a sentence: <c>3.2 s</c>, <c>45 s</c>, <c>12 min</c>, <c>5 h</c>, <c>3 d</c>.</summary>
    public static string Rough(TimeSpan span) => span switch
    {
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s"),
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} d"),
    };

    public static string Of(TimeSpan age) => age.TotalDays >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{age.Days} d {age.Hours} h")
        : string.Create(CultureInfo.InvariantCulture, $"{age:hh\\:mm\\:ss}");
}
