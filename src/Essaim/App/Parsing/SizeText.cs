using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Essaim;

/// <summary>Sizes on the command line: <c>8192</c> (bytes), <c>8k</c>, <c>1.5M</c>, <c>2G</c>; a unit is 1,024 of the one before.</summary>
internal static partial class SizeText
{
    public static Option<long?> Option(string name, string description) =>
        new(name) { HelpName = "SIZE", Description = description, CustomParser = Parse };

    public static long? TryParse(string text)
    {
        Match match = Whole().Match(text);
        if (!match.Success)
            return null;
        double size = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * UnitOf(match.Groups[2].Value);
        return size < 1L << 50 ? (long)size : null;
    }

    private static long? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        long? value = TryParse(text);
        if (value is null)
            result.AddError($"'{text}' is not a size. Write bytes (8192), or 8k, 512M, 2G.");
        return value;
    }

    private static double UnitOf(string unit) => unit switch
    {
        "" => 1,
        "k" or "K" => 1L << 10,
        "m" or "M" => 1L << 20,
        _ => 1L << 30,
    };

    [GeneratedRegex(@"^([0-9]+(?:\.[0-9]+)?)(?:([kKmMgG])(?:i?[bB])?|[bB]?)$")]
    private static partial Regex Whole();
}
