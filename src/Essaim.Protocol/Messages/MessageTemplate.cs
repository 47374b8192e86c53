using System.Buffers;

namespace Essaim.Protocol;

/// <summary>
/// A message whose first positional argument is still to come: the body of a chord. The envelope is
/// <see cref="Head"/> + base64(<see cref="BodyPrefix"/> + results joined by commas + <see cref="BodySuffix"/>) + <see cref="Tail"/>,
/// which a server-side script can join as well as .NET can.
/// </summary>
/// <param name="Head">Envelope text up to the body's first character.</param>
/// <param name="BodyPrefix">Body text up to the first result.</param>
/// <param name="BodySuffix">Body text after the last result.</param>
/// <param name="Tail">Envelope text after the body's last character.</param>
public sealed record MessageTemplate(
    ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> BodyPrefix, ReadOnlyMemory<byte> BodySuffix, ReadOnlyMemory<byte> Tail)
{
    /// <summary>True where the body takes no results (an immutable signature): then nothing goes between prefix and suffix.</summary>
    public bool IgnoresResults { get; init; }

    /// <summary>
    /// Splits a message. <paramref name="body"/>'s arguments are put after the list of results unless <paramref name="immutable"/>.
    /// The body is never compressed, whatever the message says, because a script fills it.
    /// </summary>
    /// <exception cref="MessageFormatException">The message or the body cannot be written; see <see cref="MessageCodec.Encode(TaskMessage)"/>.</exception>
    public static MessageTemplate Create(TaskMessage message, TaskBody body, bool immutable)
    {
        TaskMessage plain = MessageCodec.WithBody(message with { Compression = null }, body);
        byte[] envelope = MessageCodec.Encode(plain);
        int start = EnvelopeWriter.BeforeBody.Length;
        int end = start + plain.EncodedBody.Length;

        byte[] text = body.Encode();
        if (immutable)
            return new MessageTemplate(envelope.AsMemory(0, start), text, default, envelope.AsMemory(end)) { IgnoresResults = true };

        // "[[" of the body and of its arguments; the arguments may be written with spaces.
        ReadOnlySpan<byte> rest = text.AsSpan(text.AsSpan(1).IndexOf((byte)'[') + 2).TrimStart(" \t\r\n"u8);
        byte[] suffix = [.. rest[0] == ']' ? "]"u8 : "],"u8, .. rest];
        return new MessageTemplate(envelope.AsMemory(0, start), "[[["u8.ToArray(), suffix, envelope.AsMemory(end));
    }

    /// <summary>Makes the envelope. <paramref name="results"/> must be JSON values; they stand as they are.</summary>
    public byte[] Fill(IReadOnlyList<RawJson> results)
    {
        ArrayBufferWriter<byte> body = new(BodyPrefix.Length + BodySuffix.Length + 16 * results.Count);
        body.Write(BodyPrefix.Span);
        for (int index = 0; index < results.Count && !IgnoresResults; index++)
        {
            if (index > 0)
                body.Write(","u8);
            body.Write(results[index].Utf8.Span);
        }

        body.Write(BodySuffix.Span);
        return [.. Head.Span, .. MessageBody.ToBase64(body.WrittenSpan), .. Tail.Span];
    }
}
