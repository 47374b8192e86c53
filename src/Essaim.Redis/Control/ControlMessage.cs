using System.Buffers;
using System.Text;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>A control request as it goes over the wire.</summary>
internal sealed record ControlMessage(
    ControlRequest Request, string? Pattern, string? Matcher, string? Ticket, string? ReplyExchange, string? ReplyKey, double Expires)
{
    public const string Exchange = "celery.pidbox";
    public const string ReplyQueueSuffix = ".reply.celery.pidbox";
    public const string ReplyExchangeName = "reply.celery.pidbox";

    public bool WantsReply => ReplyExchange is not null && ReplyKey is not null;

    public ReadOnlyMemory<byte> Encode()
    {
        ArrayBufferWriter<byte> body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WriteString("method"u8, Request.Method);
            json.WritePropertyName("arguments"u8);
            json.WriteRawValue(Request.Arguments.Utf8.Span, skipInputValidation: true);
            json.WritePropertyName("destination"u8);
            JsonSerializer.Serialize(json, Request.Destination);
            json.WriteString("pattern"u8, Pattern);
            json.WriteString("matcher"u8, Matcher);
            if (WantsReply)
            {
                json.WriteString("ticket"u8, Ticket);
                json.WriteStartObject("reply_to"u8);
                json.WriteString("exchange"u8, ReplyExchange);
                json.WriteString("routing_key"u8, ReplyKey);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return KombuEnvelope.Write(
            body.WrittenSpan,
            json =>
            {
                json.WriteNumber("clock"u8, Request.Clock ?? 0);
                json.WriteNumber("expires"u8, Expires);
            },
            deliveryMode: 2, Exchange, "");
    }

    /// <summary>Reads a request; null where it is none.</summary>
    public static ControlMessage? TryRead(ReadOnlyMemory<byte> envelope)
    {
        if (!KombuEnvelope.TryRead(envelope, out KombuMessage message))
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(message.Body);
            JsonElement root = document.RootElement;
            if (TextOf(root, "method") is not { } method)
                return null;
            JsonElement? replyTo = Find(root, "reply_to", JsonValueKind.Object);
            ControlRequest request = new(
                method, RawOf(root, "arguments"), DestinationOf(root), message.HeaderWhole("clock"));
            return new ControlMessage(
                request, TextOf(root, "pattern"), TextOf(root, "matcher"), TextOf(root, "ticket"),
                replyTo is { } to ? TextOf(to, "exchange") : null, replyTo is { } key ? TextOf(key, "routing_key") : null,
                message.HeaderNumber("expires") ?? 0);
        }
        catch (Exception error) when (KombuEnvelope.IsMalformed(error))
        {
            return null;
        }
    }

    /// <summary>A node's answer to this request.</summary>
    public ReadOnlyMemory<byte> EncodeReply(string node, RawJson value, long clock)
    {
        ArrayBufferWriter<byte> body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WritePropertyName(node);
            json.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
            json.WriteEndObject();
        }

        return KombuEnvelope.Write(
            body.WrittenSpan,
            json =>
            {
                json.WriteString("ticket"u8, Ticket);
                json.WriteNumber("clock"u8, clock);
            },
            deliveryMode: 1, ReplyExchange!, ReplyKey!);
    }

    /// <summary>Reads an answer: its ticket (null: none) and what each node in it says.</summary>
    public static (string? Ticket, List<ControlReply> Replies)? TryReadReply(ReadOnlyMemory<byte> envelope)
    {
        if (!KombuEnvelope.TryRead(envelope, out KombuMessage message))
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(message.Body);
            List<ControlReply> replies = [];
            foreach (JsonProperty node in document.RootElement.EnumerateObject())
                replies.Add(new ControlReply(node.Name, Raw(node.Value), message.HeaderWhole("clock")));
            return (message.HeaderText("ticket"), replies);
        }
        catch (Exception error) when (KombuEnvelope.IsMalformed(error))
        {
            return null;
        }
    }

    // Python sends null where nothing was given.
    private static RawJson RawOf(JsonElement root, string name) =>
        Find(root, name, JsonValueKind.Object) is { } found ? Raw(found) : RawJson.EmptyObject;

    private static List<string>? DestinationOf(JsonElement root) => Find(root, "destination", JsonValueKind.Array) is { } nodes
        ? [.. nodes.EnumerateArray().Select(node => node.GetString() ?? "")]
        : null;

    private static RawJson Raw(JsonElement element) => new(Encoding.UTF8.GetBytes(element.GetRawText()));

    private static string? TextOf(JsonElement root, string name) => Find(root, name, JsonValueKind.String)?.GetString();

    private static JsonElement? Find(JsonElement root, string name, JsonValueKind kind) =>
        root.TryGetProperty(name, out JsonElement found) && found.ValueKind == kind ? found : null;
}
