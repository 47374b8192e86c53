using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Essaim.Protocol;

/// <summary>Reads a plain value, or the value inside <c>{"__type__", "__value__"}</c> where the type is one this converter takes.</summary>
/// <param name="types">Names of <c>__type__</c> that fit <typeparamref name="T"/>.</param>
internal abstract class TypedValueConverter<T>(params string[] types) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return ReadPlain(ref reader) is { } plain ? plain : throw Unfit(ref reader);

        string? type = null;
        Utf8JsonReader value = default;
        bool valued = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "__type__" when reader.TokenType == JsonTokenType.String:
                    type = reader.GetString();
                    break;
                case "__value__":
                    // The type may stand after the value: come back to it when both are known.
                    value = reader;
                    valued = true;
                    break;
                default:
                    throw new JsonException($"An object with {name} is not a typed value of Python; only __type__ and __value__ may stand in one.");
            }

            reader.Skip();
        }

        if (!valued || type is null)
            throw new JsonException("An object without both __type__ and __value__ is not a typed value of Python.");
        if (!types.Contains(type))
            throw new JsonException($"A Python value of type {type} does not fit; {string.Join(" or ", types)} would.");
        return ReadWrapped(ref value, type) is { } wrapped ? wrapped : throw Unfit(ref value);
    }

    /// <summary>The value written plainly, or null where it does not read so.</summary>
    protected abstract Maybe? ReadPlain(ref Utf8JsonReader reader);

    /// <summary>The value of <c>__value__</c>; the same as plain unless overridden.</summary>
    protected virtual Maybe? ReadWrapped(ref Utf8JsonReader reader, string type) => ReadPlain(ref reader);

    /// <summary>The token's text as UTF-8, or empty where it is not text.</summary>
    protected static ReadOnlySpan<byte> Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            return default;
        return reader.ValueIsEscaped || reader.HasValueSequence ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
    }

    private static JsonException Unfit(ref Utf8JsonReader reader) =>
        new($"A JSON {reader.TokenType} does not read as {typeof(T).Name}.");

    /// <summary>A value that was read; a null of this says that none was.</summary>
    protected readonly record struct Maybe(T Value)
    {
        public static implicit operator T(Maybe maybe) => maybe.Value;
    }
}
