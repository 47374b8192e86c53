using System.Globalization;
using System.Text.Json;

namespace Essaim.Server;

/// <summary>
/// Reads one JSON object field by field and notes every mistake with its path, instead of stopping at the first. A field of
/// the wrong kind reads as absent; <see cref="Finish"/> names fields nobody asked for.
/// </summary>
internal sealed class ObjectReader
{
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];
    private readonly List<Mistake> _mistakes;
    private readonly string _path;

    public ObjectReader(JsonElement element, string path, List<Mistake> mistakes)
    {
        _path = path;
        _mistakes = mistakes;
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty field in element.EnumerateObject())
                _fields[field.Name] = field.Value;
        }
        else
            Fail(path, $"must be an object, not {Describe(element)}");
    }

    /// <summary>Every mistake so far, of this object and of others read together with it.</summary>
    public List<Mistake> Mistakes => _mistakes;

    public string? Text(string name, int maxLength, bool required = false)
    {
        if (Take(name, JsonValueKind.String, "a text") is not { } value)
        {
            if (required && !_fields.ContainsKey(name))
                Fail(Path(name), "is required");
            return null;
        }

        string text = value.GetString()!;
        if (text.Length == 0)
            Fail(Path(name), "must not be empty");
        else if (text.Length > maxLength)
            Fail(Path(name), string.Create(CultureInfo.InvariantCulture, $"must have at most {maxLength} characters, not {text.Length}"));
        else if (text.Any(char.IsControl))
            Fail(Path(name), "must not contain control characters");
        else
            return text;
        return null;
    }

    public int? Whole(string name, int min, int max)
    {
        if (Take(name, JsonValueKind.Number, "a whole number") is not { } value)
            return null;
        if (value.TryGetInt32(out int number) && number >= min && number <= max)
            return number;
        Fail(Path(name), string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}, not {value.GetRawText()}"));
        return null;
    }

    /// <summary>Seconds, with fractions.</summary>
    public TimeSpan? Seconds(string name, double min, double max) =>
        Take(name, JsonValueKind.Number, "a number of seconds") is { } value ? ToSeconds(name, value, min, max) : null;

    public bool? Flag(string name)
    {
        if (!TryTake(name, out JsonElement value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Fail(Path(name), $"must be true or false, not {Describe(value)}");
        return null;
    }

    public DateTimeOffset? Instant(string name) => Take(name, JsonValueKind.String, "an instant") is { } value ? ToInstant(name, value) : null;

    /// <summary>An instant, or seconds from now.</summary>
    public (DateTimeOffset? At, TimeSpan? In) InstantOrSeconds(string name, double max)
    {
        if (!TryTake(name, out JsonElement value))
            return default;
        if (value.ValueKind == JsonValueKind.Number)
            return (null, ToSeconds(name, value, 0, max));
        if (value.ValueKind == JsonValueKind.String)
            return (ToInstant(name, value), null);
        Fail(Path(name), $"must be an instant (text) or seconds from now (number), not {Describe(value)}");
        return default;
    }

    public string? OneOf(string name, params ReadOnlySpan<string> words)
    {
        if (Take(name, JsonValueKind.String, "a text") is not { } value)
            return null;
        string text = value.GetString()!;
        if (words.Contains(text))
            return text;
        Fail(Path(name), $"must be one of {string.Join(", ", words!)}, not '{text}'");
        return null;
    }

    public JsonElement? List(string name) => Take(name, JsonValueKind.Array, "a list");

    public JsonElement? Object(string name) => Take(name, JsonValueKind.Object, "an object");

    public IReadOnlyList<string> Texts(string name)
    {
        List<string> texts = [];
        if (List(name) is { } list)
        {
            int index = 0;
            foreach (JsonElement item in list.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.String)
                    texts.Add(item.GetString()!);
                else
                    Fail(string.Create(CultureInfo.InvariantCulture, $"{Path(name)}[{index}]"), $"must be a text, not {Describe(item)}");
                index++;
            }
        }

        return texts;
    }

    /// <summary>A field that is read elsewhere.</summary>
    public void Known(string name) => _known.Add(name);

    /// <summary>Names the fields that were not asked for.</summary>
    public void Finish()
    {
        foreach (string name in _fields.Keys.Except(_known))
            Fail(Path(name), $"is not known here; known are {string.Join(", ", _known)}");
    }

    public void Fail(string path, string message) => _mistakes.Add(new Mistake(path, message));

    public string Path(string name) => $"{_path}.{name}";

    private bool TryTake(string name, out JsonElement value)
    {
        _known.Add(name);
        return _fields.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private JsonElement? Take(string name, JsonValueKind kind, string wanted)
    {
        if (!TryTake(name, out JsonElement value))
            return null;
        if (value.ValueKind == kind)
            return value;
        Fail(Path(name), $"must be {wanted}, not {Describe(value)}");
        return null;
    }

    private TimeSpan? ToSeconds(string name, JsonElement value, double min, double max)
    {
        if (value.TryGetDouble(out double seconds) && seconds >= min && seconds <= max)
            return TimeSpan.FromSeconds(seconds);
        Fail(Path(name), string.Create(CultureInfo.InvariantCulture, $"must be from {min} to {max} seconds, not {value.GetRawText()}"));
        return null;
    }

    private DateTimeOffset? ToInstant(string name, JsonElement value)
    {
        string text = value.GetString()!;
        if (Instants.TryParse(text, out DateTimeOffset instant))
            return instant;
        Fail(Path(name), $"must be an instant in ISO 8601 such as 2026-01-31T18:30:00Z, not '{text}'");
        return null;
    }

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a text",
        JsonValueKind.Number => $"the number {value.GetRawText()}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        _ => "null",
    };
}
