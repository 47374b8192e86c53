using System.Text.Json;
using System.Text.RegularExpressions;

namespace Essaim;

/// <summary>
/// A task's arguments on the command line. Each word is JSON if it reads as JSON, else a string; <c>name=value</c> is a keyword argument.
/// </summary>
internal sealed partial record TaskArguments(IReadOnlyList<object?> Args, IReadOnlyDictionary<string, object?> Kwargs)
{
    public static TaskArguments Parse(IEnumerable<string> words)
    {
        List<object?> args = [];
        Dictionary<string, object?> kwargs = [];
        foreach (string word in words)
        {
            Match keyword = Keyword().Match(word);
            if (keyword.Success)
                kwargs[keyword.Groups[1].Value] = ParseValue(word[keyword.Length..]);
            else
                args.Add(ParseValue(word));
        }

        return new TaskArguments(args, kwargs);
    }

    private static object? ParseValue(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return text;
        }
    }

    [GeneratedRegex("^([A-Za-z_][A-Za-z0-9_]*)=")]
    private static partial Regex Keyword();
}
