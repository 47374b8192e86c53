using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>A message's body text: through base64 and compression, and its split into three.</summary>
internal static class MessageBody
{
    public const int DefaultMaxBytes = 64 * 1024 * 1024;

    /// <summary>The body's JSON text. New memory unless the body is plain text in the envelope.</summary>
    public static ReadOnlyMemory<byte> Open(TaskMessage message, int maxBytes)
    {
        ReadOnlyMemory<byte> stored = message.BodyEncoding switch
        {
            "base64" => FromBase64(message.EncodedBody.Span, maxBytes, compressed: message.Compression is not null),
            null or "utf-8" => message.EncodedBody,
            string other => throw new MessageFormatException(
                $"The body encoding is {other}. Only base64 and utf-8 are read; the sender must use one of them.", "properties.body_encoding"),
        };
        if (message.Compression is { } compression)
            return MessageCompression.Decompress(compression, stored, maxBytes);
        return stored.Length <= maxBytes ? stored : throw TooLarge(stored.Length, maxBytes);
    }

    /// <summary>Where the three parts of a body stand.</summary>
    public static (RawJson Args, RawJson Kwargs, TaskEmbed Embed) Split(ReadOnlyMemory<byte> text)
    {
        JsonText.RequireUtf8(text.Span, "body");
        Utf8JsonReader reader = JsonText.Open(text.Span);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
                throw JsonField.Wrong(ref reader, "body", "[args, kwargs, embed]");
            Next(ref reader, JsonTokenType.StartArray, "body[0] (args)", "a list");
            RawJson args = JsonText.Slice(ref reader, text);
            Next(ref reader, JsonTokenType.StartObject, "body[1] (kwargs)", "an object");
            RawJson kwargs = JsonText.Slice(ref reader, text);
            reader.Read();
            TaskEmbed embed = EmbedJson.Read(ref reader, text);
            reader.Read();
            if (reader.TokenType != JsonTokenType.EndArray)
                throw JsonField.Wrong(ref reader, "body[3]", "absent: a body has three elements");
            JsonText.RequireEnd(ref reader);
            return (args, kwargs, embed);
        }
        catch (Exception error) when (JsonText.IsFault(error))
        {
            throw JsonFault.Describe("body", text.Span, error, reader.TokenStartIndex);
        }
    }

    public static byte[] ToBase64(ReadOnlySpan<byte> bytes)
    {
        byte[] base64 = new byte[Base64.GetMaxEncodedToUtf8Length(bytes.Length)];
        Base64.EncodeToUtf8(bytes, base64, out _, out _);
        return base64;
    }

    public static MessageFormatException TooLarge(long size, int maxBytes) => new(
        $"The body is {size} bytes or more when unpacked, and {maxBytes} are allowed. Put large data in an object store and send its address.", "body");

    private static ReadOnlyMemory<byte> FromBase64(ReadOnlySpan<byte> base64, int maxBytes, bool compressed)
    {
        int size = Base64.GetMaxDecodedFromUtf8Length(base64.Length) - (base64.Length - base64.TrimEnd((byte)'=').Length);
        if (!compressed && size > maxBytes)
            throw TooLarge(size, maxBytes);
        byte[] bytes = new byte[size];
        OperationStatus status = Base64.DecodeFromUtf8(base64, bytes, out int consumed, out int written);
        return status == OperationStatus.Done
            ? bytes.AsMemory(0, written)
            : throw new MessageFormatException(
                $"The body is not base64: it stops reading so at byte {consumed} of {base64.Length}. The sender must encode it with the standard alphabet and padding.",
                "body",
                consumed);
    }

    private static void Next(ref Utf8JsonReader reader, JsonTokenType wanted, string field, string name)
    {
        reader.Read();
        if (reader.TokenType != wanted)
            throw JsonField.Wrong(ref reader, field, name);
    }
}
