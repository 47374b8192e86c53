using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>
/// Reads what Python cannot say in plain JSON into .NET types. Since kombu 5.3 Python wraps such values as
/// <c>{"__type__": "uuid", "__value__": …}</c>; kombu 5.2, and Essaim when it writes, use plain text. Both forms are read into
/// <see cref="DateTime"/>, <see cref="DateTimeOffset"/>, <see cref="DateOnly"/>, <see cref="TimeOnly"/>, <see cref="decimal"/>,
/// <see cref="Guid"/> and byte arrays. A value is unwrapped only where a handler asks for one of these types.
/// </summary>
public static class CeleryJson
{
    /// <summary>Options with these converters, property names in any case, nesting up to 256 levels. Read-only; safe on all threads.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>Adds the converters to options of the user's own.</summary>
    /// <returns><paramref name="options"/>.</returns>
    public static JsonSerializerOptions AddTo(JsonSerializerOptions options)
    {
        options.Converters.Add(new DateTimeOffsetConverter());
        options.Converters.Add(new DateTimeConverter());
        options.Converters.Add(new DateOnlyConverter());
        options.Converters.Add(new TimeOnlyConverter());
        options.Converters.Add(new DecimalConverter());
        options.Converters.Add(new GuidConverter());
        options.Converters.Add(new BytesConverter());
        return options;
    }

    private static JsonSerializerOptions Make()
    {
        JsonSerializerOptions options = new() { PropertyNameCaseInsensitive = true, MaxDepth = JsonText.MaxDepth };
        AddTo(options).MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
