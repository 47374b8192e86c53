using System.Text.Json;
using System.Text.RegularExpressions;

namespace Essaim.Sandbox;

/// <summary>An input that does not fit.</summary>
/// <param name="Input">Its name.</param>
/// <param name="Message">What about it: continues a sentence that begins with the name.</param>
internal sealed record InputMistake(string Input, string Message);

/// <summary>
/// Fits inputs to the schema the sandbox made of a signature, as <c>essaim_inputs.py</c> does when the function runs; a test compares their decisions.
/// So what cannot run is refused before it is queued.
/// </summary>
/// <param name="schema">As kept with the version.</param>
/// <param name="files">Names of the files that are given.</param>
internal sealed partial class InputCheck(JsonElement schema, IReadOnlyCollection<string> files)
{
    /// <summary>Every mistake.</summary>
    /// <param name="inputs">Inputs that have their type.</param>
    /// <param name="texts">Inputs as words: the schema says what they are.</param>
    public IReadOnlyList<InputMistake> Find(IReadOnlyDictionary<string, JsonElement> inputs, IReadOnlyDictionary<string, string> texts)
    {
        // A script takes anything.
        if (!schema.TryGetProperty("properties", out JsonElement properties))
            return [];
        List<InputMistake> mistakes = [];
        string has = properties.EnumerateObject().Any() ? "has: " + string.Join(", ", properties.EnumerateObject().Select(known => known.Name)) : "has none";
        foreach (string name in schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()!))
        {
            if (!inputs.ContainsKey(name) && !texts.ContainsKey(name))
                mistakes.Add(new InputMistake(name, $"is required: {Describe(properties.GetProperty(name))}"));
        }

        foreach (string name in inputs.Keys.Concat(texts.Keys))
        {
            if (!properties.TryGetProperty(name, out JsonElement wanted))
            {
                if (!schema.GetProperty("additionalProperties").GetBoolean())
                    mistakes.Add(new InputMistake(name, $"is not an input; main() {has}"));
                continue;
            }

            PythonValue value = inputs.TryGetValue(name, out JsonElement given) ? new PythonValue(given) : FromText(texts[name], wanted);
            if (Misfit(value, wanted) is { } misfit)
                mistakes.Add(new InputMistake(name, misfit));
        }

        return mistakes;
    }

    /// <summary>A word as what is wanted: JSON where it reads as JSON, else a text.</summary>
    private static PythonValue FromText(string text, JsonElement wanted)
    {
        JsonElement[] choices = Choices(wanted);
        HashSet<string> kinds = [.. choices.Select(KindOf)];
        if (kinds.Contains("str") && !kinds.Overlaps(["int", "float", "bool", "list", "dict", "None"]))
            return new PythonValue(text);
        if (kinds.Contains("Path"))
            return new PythonValue(text);
        if (kinds.Contains("Literal") && choices.Last(choice => KindOf(choice) == "Literal").GetProperty("enum").EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.GetString() == text))
            return new PythonValue(text);
        if (kinds.Contains("bool") && text.ToLowerInvariant() is "true" or "yes" or "on" or "false" or "no" or "off")
            return new PythonValue(JsonSerializer.SerializeToElement(true));
        if (PythonValue.TryParse(text) is { } value)
            return value;
        return kinds.Contains("float") && Float().IsMatch(text) ? new PythonValue(0.5) : new PythonValue(text);
    }

    /// <summary>Null where it fits.</summary>
    private string? Misfit(PythonValue value, JsonElement wanted)
    {
        string? told = null;
        foreach (JsonElement choice in Choices(wanted))
        {
            (bool fits, string? why) = FitOne(value, choice);
            if (fits)
                return null;
            told ??= why;
        }

        string shown = value.ToString();
        return told ?? $"{(shown.Length < 80 ? shown : shown[..77] + "...")} is not {Describe(wanted)}";
    }

    private (bool Fits, string? Why) FitOne(PythonValue value, JsonElement choice)
    {
        string kind = KindOf(choice);
        switch (kind)
        {
            case "Any":
                return (true, null);
            case "Literal":
                return (choice.GetProperty("enum").EnumerateArray().Any(one => value.IsSame(new PythonValue(one))), null);
            case "float":
                return (value.Kind == "float" || (value.Kind == "int" && !double.IsInfinity(value.Number)), null);
            case "list" when value.Kind == "list":
                return Inner(value.Items, choice, "items");
            case "dict" when value.Kind == "dict":
                return Inner(value.Items, choice, "additionalProperties");
            case "Path" when value.Kind == "str":
                return files.Contains(value.Text)
                    ? (true, null)
                    : (false, $"there is no file {JsonSerializer.Serialize(value.Text)}; {(files.Count > 0 ? "given with --file: " + string.Join(", ", files.Order(StringComparer.Ordinal)) : "give it with --file")}");
            default:
                return (value.Kind == kind, null);
        }
    }

    private (bool Fits, string? Why) Inner(IEnumerable<PythonValue> items, JsonElement choice, string of)
    {
        if (!choice.TryGetProperty(of, out JsonElement wanted))
            return (true, null);
        string? why = items.Select(item => Misfit(item, wanted)).FirstOrDefault(misfit => misfit is not null);
        return (why is null, why);
    }

    private static JsonElement[] Choices(JsonElement wanted) => wanted.TryGetProperty("anyOf", out JsonElement choices) ? [.. choices.EnumerateArray()] : [wanted];

    private static string KindOf(JsonElement choice) => choice.TryGetProperty("enum", out _) ? "Literal"
        : !choice.TryGetProperty("type", out JsonElement type) ? "Any"
        : type.GetString() switch
        {
            "integer" => "int",
            "number" => "float",
            "string" => choice.TryGetProperty("format", out _) ? "Path" : "str",
            "boolean" => "bool",
            "array" => "list",
            "object" => "dict",
            _ => "None",
        };

    private static string Describe(JsonElement wanted) => string.Join(" or ", Choices(wanted).Select(choice => KindOf(choice) switch
    {
        "Literal" => "one of " + string.Join(", ", choice.GetProperty("enum").EnumerateArray().Select(one => one.GetRawText())),
        "int" => "a whole number",
        "float" => "a number",
        "str" => "a text",
        "bool" => "true or false",
        "list" => choice.TryGetProperty("items", out JsonElement items) ? $"a list, each {Describe(items)}" : "a list",
        "dict" => "an object",
        "Path" => "the name of a file given with --file",
        "None" => "null",
        _ => "anything",
    }));

    /// <summary>What Python's <c>float</c> takes.</summary>
    [GeneratedRegex(@"\A[\s\x1c-\x1f]*[+-]?(?:inf|infinity|nan|(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?)[\s\x1c-\x1f]*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
