using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>Reads what comes over the event exchange: one event or a list, from Essaim or from Python.</summary>
internal static class EventMessage
{
    /// <summary>The events of a message; <paramref name="malformed"/> counts what in it could not be read.</summary>
    public static List<EventRecord> Read(ReadOnlyMemory<byte> envelope, out int malformed)
    {
        List<EventRecord> events = [];
        malformed = 1;
        if (!KombuEnvelope.TryRead(envelope, out KombuMessage message))
            return events;
        try
        {
            malformed = ReadBody(message, events);
        }
        catch (Exception error) when (KombuEnvelope.IsMalformed(error) || error is ArgumentException or IndexOutOfRangeException)
        {
            malformed = 1;
        }

        return events;
    }

    private static int ReadBody(in KombuMessage message, List<EventRecord> events)
    {
        string hostname = message.HeaderText("hostname") ?? "";
        JsonElement? facts = message.Header(EventFacts.Header);
        int unread = 0;
        int index = 0;
        foreach (ReadOnlyMemory<byte> body in ObjectsOf(message.Body))
        {
            EventFacts? found = EventFacts.FromHeader(facts, index++, hostname) ?? EventFacts.TryRead(body, hostname);
            if (found is null)
                unread++;
            else
                events.Add(found.With(new RawJson(body)));
        }

        return unread;
    }

    // Slices of the body: an event passes through byte for byte.
    private static List<ReadOnlyMemory<byte>> ObjectsOf(ReadOnlyMemory<byte> body)
    {
        List<ReadOnlyMemory<byte>> found = [];
        Utf8JsonReader json = new(body.Span);
        json.Read();
        bool list = json.TokenType == JsonTokenType.StartArray;
        while (!list || (json.Read() && json.TokenType != JsonTokenType.EndArray))
        {
            int start = (int)json.TokenStartIndex;
            json.Skip();
            found.Add(body[start..(int)json.BytesConsumed]);
            if (!list)
                break;
        }

        return found;
    }
}
