using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Essaim;

/// <summary>JSON of any shape as one cell of a table: what is missing is <c>-</c>, what is odd is shown as it is.</summary>
internal static class JsonCell
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Text as it stands, anything else as JSON on one line.</summary>
    public static string Of(JsonElement? value) => value switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "-",
        { ValueKind: JsonValueKind.String } text => Plain(text.GetString()!),
        { } other => Plain(JsonSerializer.Serialize(other, OneLine)),
    };

    /// <summary>A member of an object; null where there is none.</summary>
    public static JsonElement? Get(JsonElement? value, params ReadOnlySpan<string> path)
    {
        JsonElement? at = value;
        foreach (string name in path)
            at = at is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out JsonElement child) ? child : null;
        return at;
    }

    /// <summary>Unix seconds as a time.</summary>
    public static string Time(JsonElement? value)
    {
        // Outside of these the number is no time of .NET's.
        if (value is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double seconds) && seconds is > 0 and < 2e11)
            return TimeText.Show(DateTimeOffset.UnixEpoch.AddSeconds(seconds));
        return Of(value);
    }

    /// <summary>A number of seconds in words.</summary>
    public static string Seconds(JsonElement? value)
    {
        if (value is not { ValueKind: JsonValueKind.Number } number || !number.TryGetDouble(out double seconds) || seconds is < 0 or > 1e9)
            return Of(value);
        return AgeText.Of(TimeSpan.FromSeconds(seconds));
    }

    // What a worker sends ends up on a terminal: line ends would break the table, and escape sequences would be obeyed.
    public static string Plain(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        StringBuilder plain = new(text.Length + 8);
        foreach (char c in text)
            _ = c switch
            {
                '\n' => plain.Append("\\n"),
                '\r' => plain.Append("\\r"),
                '\t' => plain.Append("\\t"),
                _ when char.IsControl(c) => plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => plain.Append(c),
            };
        return plain.ToString();
    }
}
