using System.Globalization;

namespace Essaim;

/// <summary>How long ago, for tables: <c>00:05:07</c>, from a day on <c>3 d 4 h</c>.</summary>
internal static class AgeText
{
    public static string Of(TimeSpan age) => age.TotalDays >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{age.Days} d {age.Hours} h")
        : string.Create(CultureInfo.InvariantCulture, $"{age:hh\\:mm\\:ss}");
}
