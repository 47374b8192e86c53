using System.Text.Json;

namespace Essaim.Redis;

/// <summary>The few facts of an envelope the broker needs, read without reading the rest. Never throws: what cannot be read is empty.</summary>
internal readonly record struct EnvelopePeek(string TaskId, string TaskName, long? SentAt)
{
    /// <summary>Reads the headers; the body is passed over.</summary>
    public static EnvelopePeek Of(ReadOnlySpan<byte> envelope)
    {
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
