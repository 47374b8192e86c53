using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Essaim.Protocol;

/// <summary>
/// One JSON value kept as its UTF-8 text, so that arguments and results pass through without being parsed.
/// The default value is the JSON literal <c>null</c>. Equality compares the text byte for byte. Immutable; safe on all threads
/// as long as nobody writes to the memory it was made from.
/// </summary>
public readonly struct RawJson : IEquatable<RawJson>
{
    private static readonly byte[] NullText = "null"u8.ToArray();
    private readonly ReadOnlyMemory<byte> _utf8;

    /// <summary>Wraps text that is already known to be one JSON value; it is not checked.</summary>
    public RawJson(ReadOnlyMemory<byte> utf8) => _utf8 = utf8;

    /// <summary>The literal <c>null</c>.</summary>
    public static RawJson Null => default;

    /// <summary>An empty list, <c>[]</c>.</summary>
    public static RawJson EmptyArray { get; } = new("[]"u8.ToArray());

    /// <summary>An empty object, <c>{}</c>.</summary>
    public static RawJson EmptyObject { get; } = new("{}"u8.ToArray());

    /// <summary>The UTF-8 text of the value.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8.IsEmpty ? NullText : _utf8;

    /// <summary>True for the literal <c>null</c> (and the default value).</summary>
    public bool IsNull => _utf8.IsEmpty || _utf8.Span.SequenceEqual("null"u8);

    /// <summary>Writes a .NET value as JSON.</summary>
    public static RawJson From<T>(T value, JsonSerializerOptions? options = null) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, options ?? JsonSerializerOptions.Default));

    /// <summary>Writes a .NET value of a type known only at run time as JSON.</summary>
    public static RawJson From(object? value, Type type, JsonSerializerOptions? options = null) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type, options ?? JsonSerializerOptions.Default));

    /// <summary>Checks that <paramref name="text"/> is exactly one JSON value and wraps it.</summary>
    /// <exception cref="JsonException">The text is not one JSON value.</exception>
    public static RawJson Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return new RawJson(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Reads the value as <typeparamref name="T"/>.</summary>
    /// <exception cref="JsonException">The value does not fit the type.</exception>
    public T? Deserialize<T>(JsonSerializerOptions? options = null) =>
        // What a program reads most; the serializer's reflection is half a megabyte that not every one needs.
        typeof(T) == typeof(JsonElement) && options is null
            ? (T)(object)JsonElement.Parse(Utf8.Span)
            : JsonSerializer.Deserialize<T>(Utf8.Span, options ?? JsonSerializerOptions.Default);

    /// <summary>Reads the value as a type known only at run time.</summary>
    /// <exception cref="JsonException">The value does not fit the type.</exception>
    public object? Deserialize(Type type, JsonSerializerOptions? options = null) =>
        JsonSerializer.Deserialize(Utf8.Span, type, options ?? JsonSerializerOptions.Default);

    /// <summary>Reads the value through generated metadata (no reflection).</summary>
    public T? Deserialize<T>(JsonTypeInfo<T> typeInfo) => JsonSerializer.Deserialize(Utf8.Span, typeInfo);

    /// <summary>The JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    /// <inheritdoc />
    public bool Equals(RawJson other) => Utf8.Span.SequenceEqual(other.Utf8.Span);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is RawJson other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    /// <summary>Text equality.</summary>
    public static bool operator ==(RawJson left, RawJson right) => left.Equals(right);

    /// <summary>Text inequality.</summary>
    public static bool operator !=(RawJson left, RawJson right) => !left.Equals(right);
}
