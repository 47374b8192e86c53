using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Essaim;

/// <summary>Instants on the command line: ISO 8601, UTC where no offset is given.</summary>
internal static class TimeText
{
    public static Option<DateTimeOffset?> Option(string name, string description) =>
        new(name) { HelpName = "TIME", Description = description, CustomParser = Parse };

    /// <summary>An instant as people and scripts read it.</summary>
    public static string Show(DateTimeOffset? at) =>
        at?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>An instant with its milliseconds.</summary>
    public static string ShowFine(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at))
            return at;
        result.AddError($"'{text}' is not a time. Write it as 2026-01-31T18:00:00Z or with an offset, as 2026-01-31T18:00:00+01:00.");
        return null;
    }
}
