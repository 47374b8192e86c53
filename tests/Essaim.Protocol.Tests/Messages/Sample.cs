using System.Text;
using System.Text.Json.Nodes;

namespace Essaim.Protocol.Tests;

/// <summary>One small sound message, and ways of spoiling it.</summary>
internal static class Sample
{
    public static TaskMessage Message { get; } = new()
    {
        Id = "id-1",
        Task = "tasks.add",
        RoutingKey = "celery",
        DeliveryTag = "tag-1",
    };

    public static TaskBody Body { get; } = new(RawJson.Parse("[2, 3]"), RawJson.EmptyObject, TaskEmbed.Empty);

    public static JsonObject Envelope() => (JsonObject)JsonNode.Parse(MessageCodec.Encode(MessageCodec.WithBody(Message, Body)))!;

    public static byte[] Bytes(this JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    public static byte[] Bytes(this string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The envelope's bytes after <paramref name="spoil"/>.</summary>
    public static byte[] With(Action<JsonObject> spoil)
    {
        JsonObject envelope = Envelope();
        spoil(envelope);
        return envelope.Bytes();
    }

    /// <summary>The sample with this body text.</summary>
    public static TaskMessage WithText(string body) =>
        Message with { EncodedBody = Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(body))) };
}
