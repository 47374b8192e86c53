using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>Exact decimals: Python's text, or a number. Written as a number, as .NET users expect.</summary>
internal sealed class DecimalConverter() : TypedValueConverter<decimal>("decimal")
{
    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    protected override Maybe? ReadPlain(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return reader.TryGetDecimal(out decimal number) ? new Maybe(number) : null;
        return decimal.TryParse(Text(ref reader), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value) ? new Maybe(value) : null;
    }
}

/// <summary>UUIDs: text with or without dashes; wrapped, an object with <c>hex</c>.</summary>
internal sealed class GuidConverter() : TypedValueConverter<Guid>("uuid")
{
    public override void Write(Utf8JsonWriter writer, Guid value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    protected override Maybe? ReadPlain(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && Guid.TryParse(reader.GetString(), CultureInfo.InvariantCulture, out Guid value)
            ? new Maybe(value)
            : null;

    protected override Maybe? ReadWrapped(ref Utf8JsonReader reader, string type)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return ReadPlain(ref reader);
        Maybe? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool hex = reader.ValueTextEquals("hex"u8);
            reader.Read();
            if (hex)
                found = ReadPlain(ref reader);
            reader.Skip();
        }

        return found;
    }
}

/// <summary>Bytes: plain text is base64; wrapped, <c>bytes</c> is UTF-8 text and <c>base64</c> is base64. Written as base64.</summary>
internal sealed class BytesConverter() : TypedValueConverter<byte[]>("bytes", "base64")
{
    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value);

    protected override Maybe? ReadPlain(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            return null;
        ReadOnlySpan<byte> text = Text(ref reader);
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, bytes, out _, out int written) == System.Buffers.OperationStatus.Done
            ? new Maybe(bytes[..written])
            : null;
    }

    protected override Maybe? ReadWrapped(ref Utf8JsonReader reader, string type) => type switch
    {
        "base64" => ReadPlain(ref reader),
        _ => reader.TokenType == JsonTokenType.String ? new Maybe(Text(ref reader).ToArray()) : null,
    };
}
