using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Essaim.Redis;

/// <summary>The few facts of an envelope the broker needs, read without reading the rest. Never throws: what cannot be read is empty.</summary>
internal readonly record struct EnvelopePeek(string TaskId, string TaskName, long? SentAt)
{
    /// <summary>Reads the headers; the body is passed over.</summary>
    public static EnvelopePeek Of(ReadOnlySpan<byte> envelope)
    {
        if (TryReadUsual(envelope, out EnvelopePeek facts))
            return facts;
        try
        {
            Utf8JsonReader reader = new(envelope);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return new EnvelopePeek("", "", null);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool headers = reader.ValueTextEquals("headers"u8);
                reader.Read();
                if (headers && reader.TokenType == JsonTokenType.StartObject)
                    return ReadHeaders(ref reader);
                reader.Skip();
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or FormatException)
        {
            // Whoever decodes the message says what is wrong with it.
        }

        return new EnvelopePeek("", "", null);
    }

    /// <summary>
    /// The headers as Celery and we write them: language, name and id come first. A quote inside text is escaped, so what is looked for
    /// can only be a name.
    /// </summary>
    private static bool TryReadUsual(ReadOnlySpan<byte> envelope, out EnvelopePeek facts)
    {
        facts = default;
        int at = envelope.IndexOf("\"headers\":"u8);
        ReadOnlySpan<byte> rest = at < 0 ? default : envelope[at..];
        if (!TryTake(ref rest, "\"headers\":"u8) || !TryTake(ref rest, "{"u8)
            || !TryTakeText(ref rest, "\"lang\":"u8, out _) || !TryTake(ref rest, ","u8)
            || !TryTakeText(ref rest, "\"task\":"u8, out ReadOnlySpan<byte> name) || !TryTake(ref rest, ","u8)
            || !TryTakeText(ref rest, "\"id\":"u8, out ReadOnlySpan<byte> id))
        {
            return false;
        }

        at = rest.IndexOf("\"essaim-sent\":"u8);
        rest = at < 0 ? default : rest[at..];
        bool hasSent = TryTake(ref rest, "\"essaim-sent\":"u8) & Utf8Parser.TryParse(rest, out long sent, out _);
        facts = new EnvelopePeek(Encoding.UTF8.GetString(id), Encoding.UTF8.GetString(name), hasSent ? sent : null);
        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> token)
    {
        if (!rest.StartsWith(token))
            return false;
        rest = rest[token.Length..];
        if (rest.Length > 0 && rest[0] == (byte)' ')
            rest = rest[1..];
        return true;
    }

    /// <summary>A name and its text, where nothing in the text is escaped.</summary>
    private static bool TryTakeText(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!TryTake(ref rest, name) || rest.Length == 0 || rest[0] != (byte)'"')
            return false;
        rest = rest[1..];
        int end = rest.IndexOfAny((byte)'"', (byte)'\\');
        if (end < 0 || rest[end] != (byte)'"' || !Utf8.IsValid(rest[..end]))
            return false;
        text = rest[..end];
        rest = rest[(end + 1)..];
        return true;
    }

    private static EnvelopePeek ReadHeaders(ref Utf8JsonReader reader)
    {
        string id = "", name = "";
        long? sent = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8) && reader.Read())
                id = Text(ref reader);
            else if (reader.ValueTextEquals("task"u8) && reader.Read())
                name = Text(ref reader);
            else if (reader.ValueTextEquals("essaim-sent"u8) && reader.Read())
                sent = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long at) ? at : null;
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.Read())
                reader.Skip();
        }

        return new EnvelopePeek(id, name, sent);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString()!;
        reader.Skip();
        return "";
    }
}
