using System.Globalization;
using System.Text.Json;

namespace Essaim;

/// <summary>The arguments of one request. Monitors send null for what they do not mean, so null is the same as nothing.</summary>
internal sealed class ControlArguments
{
    private readonly string _method;
    private readonly JsonElement _root;

    /// <exception cref="JsonException">They are not JSON.</exception>
    public ControlArguments(ControlRequest request)
    {
        _method = request.Method;
        _root = request.Arguments.Deserialize<JsonElement>();
    }

    /// <summary>One argument; null where it is missing or null.</summary>
    public JsonElement? Get(string name) =>
        _root.ValueKind == JsonValueKind.Object && _root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string? GetText(string name) => Get(name) is { } value ? value.ToString() : null;

    /// <exception cref="PythonFault">It is missing.</exception>
    public string RequireText(string name) => GetText(name) ?? throw PythonFault.Missing(_method, name);

    /// <summary>True as Python sees it: not false, 0, empty or missing.</summary>
    public bool GetFlag(string name) => Get(name) is { } value && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Number => value.GetDouble() != 0,
        JsonValueKind.String => value.GetString()!.Length > 0,
        _ => false,
    };

    /// <summary>A number, or one written as text.</summary>
    /// <exception cref="PythonFault">It is something else.</exception>
    public double? GetNumber(string name)
    {
        if (Get(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number)
            return value.GetDouble();
        string text = value.ToString();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw PythonFault.Of("ValueError", $"could not convert string to float: {PythonFault.Quote(text)}");
    }

    /// <summary>A whole number of slots.</summary>
    /// <exception cref="PythonFault">It is something else.</exception>
    public int? GetCount(string name) => GetNumber(name) switch
    {
        null => null,
        { } number when number == Math.Floor(number) && Math.Abs(number) <= 10_000 => (int)number,
        _ => throw PythonFault.Of("ValueError", $"{name} must be a whole number of at most 10000"),
    };

    /// <summary>A time in seconds.</summary>
    /// <exception cref="PythonFault">It is not above 0.</exception>
    public TimeSpan? GetSeconds(string name) => GetNumber(name) switch
    {
        null => null,
        > 0 and < 1e9 and var seconds => TimeSpan.FromSeconds(seconds),
        _ => throw PythonFault.Of("ValueError", $"{name} must be above 0 seconds"),
    };

    /// <summary>One text, or a list of them.</summary>
    public IReadOnlyList<string> GetTexts(string name) => Get(name) is not { } value
        ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(one => one.ToString())] : [value.ToString()];

    /// <exception cref="PythonFault">It is missing.</exception>
    public IReadOnlyList<string> RequireTexts(string name) => Get(name) is null ? throw PythonFault.Missing(_method, name) : GetTexts(name);
}
