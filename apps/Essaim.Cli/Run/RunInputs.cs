using System.Text.RegularExpressions;

namespace Essaim.Cli;

/// <summary>A run's inputs on the command line: <c>--load 1200</c>, <c>--load=1200</c>, <c>load=1200</c>; <c>--fast</c> alone is true.</summary>
internal static partial class RunInputs
{
    public static IReadOnlyDictionary<string, string> Parse(IReadOnlyList<string> words)
    {
        Dictionary<string, string> inputs = [];
        for (int i = 0; i < words.Count; i++)
        {
            Match match = Word().Match(words[i]);
            if (!match.Success)
                throw new AppException("ESS4001", $"'{words[i]}' is not known here. Inputs are written --name value or name=value, after FILE.");
            bool isOption = match.Groups["dashes"].Length > 0;
            string name = isOption ? match.Groups["name"].Value.Replace('-', '_') : match.Groups["name"].Value;
            if (!isOption && !match.Groups["value"].Success)
                throw new AppException("ESS4001", $"'{words[i]}' is not known here. Inputs are written --name value or name=value, after FILE.");
            string value = match.Groups["value"].Success ? match.Groups["value"].Value
                : i + 1 < words.Count && !words[i + 1].StartsWith("--", StringComparison.Ordinal) ? words[++i]
                : "true";
            if (!inputs.TryAdd(name, value))
                throw new AppException("ESS4001", $"The input '{name}' is given twice. Give it once; a list is written as JSON: --{match.Groups["name"].Value} '[1, 2]'.");
        }

        return inputs;
    }

    [GeneratedRegex(@"^(?<dashes>--)?(?<name>[A-Za-z_][A-Za-z0-9_-]*)(?:=(?<value>.*))?$", RegexOptions.Singleline)]
    private static partial Regex Word();
}
