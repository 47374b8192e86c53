using System.Text.Json.Nodes;

namespace Essaim.Redis.Tests;

/// <summary>Captured messages beside what is written here: the keys, their order and what does not change by chance.</summary>
internal static class RawMessages
{
    /// <summary>The envelope with its tag replaced and its body decoded, for comparing whole texts.</summary>
    public static string Shape(ReadOnlyMemory<byte> envelope)
    {
        JsonObject json = JsonNode.Parse(envelope.Span)!.AsObject();
        byte[] body = Convert.FromBase64String((string)json["body"]!);
        json["body"] = JsonNode.Parse(body);
        Assert.True(Guid.TryParse((string)json["properties"]!["delivery_tag"]!, out _));
        json["properties"]!["delivery_tag"] = "TAG";
        return json.ToJsonString();
    }

    public static string ShapeOfText(string envelope) => Shape(System.Text.Encoding.UTF8.GetBytes(envelope));

    public static ReadOnlyMemory<byte> Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
