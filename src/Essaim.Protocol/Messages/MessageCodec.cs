using System.Buffers;

namespace Essaim.Protocol;

/// <summary>Task messages to envelope bytes and back (Celery task protocol 2 in a kombu envelope). Safe on all threads.</summary>
public static class MessageCodec
{
    /// <summary>
    /// Reads an envelope. The body and the extra headers of the result are slices of <paramref name="envelope"/>: do not write to that
    /// memory while the message is in use.
    /// </summary>
    /// <exception cref="MessageFormatException">
    /// The bytes are not a task message of protocol 2; pickle, YAML and msgpack bodies are refused by name, and so is protocol 1.
    /// </exception>
    public static TaskMessage Decode(ReadOnlyMemory<byte> envelope) => EnvelopeReader.Read(envelope);

    /// <summary>
    /// Writes an envelope that every Celery 5 worker accepts; all standard headers are present, null where unset. A body that
    /// <see cref="WithBody"/> did not make is unpacked and checked first; a plain-text body is written as base64.
    /// </summary>
    /// <exception cref="MessageFormatException">A field that Python workers depend on is not set, or the body is not sound.</exception>
    public static void Encode(TaskMessage message, IBufferWriter<byte> output)
    {
        using JsonOutput json = Write(message);
        output.Write(json.Written);
    }

    /// <summary>Writes an envelope into a new array; see <see cref="Encode(TaskMessage, IBufferWriter{byte})"/>.</summary>
    /// <exception cref="MessageFormatException">A field that Python workers depend on is not set, or the body is not sound.</exception>
    public static byte[] Encode(TaskMessage message)
    {
        using JsonOutput json = Write(message);
        return json.Written.ToArray();
    }

    /// <summary>Decodes (base64), decompresses and splits the body of <paramref name="message"/>; argument text stays raw.</summary>
    /// <param name="message">The message.</param>
    /// <param name="maxBytes">Largest decompressed size allowed, bytes. Default 64 MiB.</param>
    /// <exception cref="MessageFormatException">The body is not base64, too large, compressed in a way not supported, or not <c>[args, kwargs, embed]</c>.</exception>
    public static TaskBody ReadBody(TaskMessage message, int maxBytes = MessageBody.DefaultMaxBytes) =>
        TaskBody.Decode(MessageBody.Open(message, maxBytes));

    /// <summary>
    /// Returns <paramref name="message"/> with its body set (JSON, then <see cref="TaskMessage.Compression"/>, then base64). A short
    /// compression name is replaced by its mime name.
    /// </summary>
    /// <exception cref="MessageFormatException">A part of the body is not JSON, or the compression is not known.</exception>
    public static TaskMessage WithBody(TaskMessage message, TaskBody body)
    {
        using JsonOutput json = body.Write();
        ReadOnlySpan<byte> text = json.Written;
        string? compression = null;
        byte[] base64;
        if (message.Compression is { } name)
            base64 = MessageBody.ToBase64(MessageCompression.Compress(name, text, out compression));
        else
            base64 = MessageBody.ToBase64(text);
        return message with { EncodedBody = base64, BodyEncoding = "base64", Compression = compression, BodyChecked = true };
    }

    private static JsonOutput Write(TaskMessage message)
    {
        EnvelopeRules.RequireWritable(message);
        ReadOnlyMemory<byte> base64 = message.EncodedBody;
        if (!message.BodyChecked)
        {
            MessageBody.Split(MessageBody.Open(message, MessageBody.DefaultMaxBytes));
            if (message.BodyEncoding != "base64")
                base64 = MessageBody.ToBase64(base64.Span);
        }

        JsonOutput json = JsonOutput.Rent();
        EnvelopeWriter.Write(json.Writer, message, base64.Span);
        return json;
    }
}
