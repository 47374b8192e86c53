using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>The third element of a body, read and written.</summary>
internal static class EmbedJson
{
    public static TaskEmbed Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return TaskEmbed.Empty;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonField.Wrong(ref reader, "body[2] (embed)", "an object");
        IReadOnlyList<Signature> callbacks = [], errbacks = [], chain = [];
        Signature? chord = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = JsonText.Name(ref reader);
            reader.Read();
            if (name.SequenceEqual("callbacks"u8))
                callbacks = SignatureReader.ReadList(ref reader, text, "embed.callbacks", 0);
            else if (name.SequenceEqual("errbacks"u8))
                errbacks = SignatureReader.ReadList(ref reader, text, "embed.errbacks", 0);
            else if (name.SequenceEqual("chain"u8))
                chain = SignatureReader.ReadList(ref reader, text, "embed.chain", 0);
            else if (name.SequenceEqual("chord"u8))
                chord = reader.TokenType == JsonTokenType.Null ? null : SignatureReader.Read(ref reader, text, "embed.chord", 0);
            else
                reader.Skip();
        }

        TaskEmbed embed = new() { Callbacks = callbacks, Errbacks = errbacks, Chain = chain, Chord = chord };
        return embed.IsEmpty ? TaskEmbed.Empty : embed;
    }

    public static void Write(Utf8JsonWriter writer, TaskEmbed embed)
    {
        writer.WriteStartObject();
        SignatureWriter.WriteListOrNull(writer, "callbacks"u8, embed.Callbacks);
        SignatureWriter.WriteListOrNull(writer, "errbacks"u8, embed.Errbacks);
        SignatureWriter.WriteListOrNull(writer, "chain"u8, embed.Chain);
        writer.WritePropertyName("chord"u8);
        if (embed.Chord is { } chord)
            SignatureWriter.Write(writer, chord, 0);
        else
            writer.WriteNullValue();
        writer.WriteEndObject();
    }
}
