using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Essaim.Sandbox;

/// <summary>A value of JSON as Python has it: whole numbers and others are of two kinds, and there are NaN and infinities.</summary>
internal sealed partial class PythonValue
{
    private const int Deepest = 500;
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly JsonElement _json;

    public PythonValue(JsonElement json) => _json = json;

    public PythonValue(string text) => _json = JsonSerializer.SerializeToElement(text);

    public PythonValue(double number) => _json = JsonSerializer.SerializeToElement(number);

    /// <summary><c>None</c>, <c>bool</c>, <c>int</c>, <c>float</c>, <c>str</c>, <c>list</c> or <c>dict</c>.</summary>
    public string Kind => _json.ValueKind switch
    {
        JsonValueKind.Null => "None",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Number => _json.GetRawText().AsSpan().ContainsAny(".eE") ? "float" : "int",
        JsonValueKind.String => "str",
        JsonValueKind.Array => "list",
        _ => "dict",
    };

    public string Text => _json.GetString()!;

    public double Number => double.Parse(_json.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>A list's items, or an object's values: of a name that is there twice the last.</summary>
    public IEnumerable<PythonValue> Items => _json.ValueKind == JsonValueKind.Array
        ? _json.EnumerateArray().Select(item => new PythonValue(item))
        : _json.EnumerateObject().GroupBy(property => property.Name).Select(same => new PythonValue(same.Last().Value));

    /// <summary>What Python's <c>json.loads</c> makes of a text; null where it is no JSON.</summary>
    public static PythonValue? TryParse(string text)
    {
        try
        {
            return new PythonValue(Parse(text));
        }
        catch (JsonException) when (text.Contains("NaN", StringComparison.Ordinal) || text.Contains("Infinity", StringComparison.Ordinal))
        {
            // Not JSON, but Python's. Which number it is decides nothing: any other that is not whole does.
            try
            {
                return new PythonValue(Parse(NoNumber().Replace(text, match => match.Value[0] == '"' ? match.Value : "5e-324")));
            }
            catch (JsonException)
            {
                return null;
            }
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The same kind and the same value.</summary>
    public bool IsSame(PythonValue other) => Kind == other.Kind && Kind switch
    {
        "None" => true,
        "bool" => _json.ValueKind == other._json.ValueKind,
        "int" => BigInteger.Parse(_json.GetRawText(), CultureInfo.InvariantCulture) == BigInteger.Parse(other._json.GetRawText(), CultureInfo.InvariantCulture),
        "float" => Number == other.Number,
        "str" => Text == other.Text,
        _ => false,
    };

    public override string ToString() => JsonSerializer.Serialize(_json, Readable);

    private static JsonElement Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = Deepest });
        return document.RootElement.Clone();
    }

    [GeneratedRegex("""  "(?:\\.|[^"\\])*"|-?\b(?:NaN|Infinity)\b  """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline)]
    private static partial Regex NoNumber();
}
