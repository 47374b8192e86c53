using System.Text.Json.Nodes;

namespace Essaim.Protocol.Tests;

/// <summary>Golden tests: what Python wrote, read and written again.</summary>
public sealed class CapturedMessageTests
{
    public CapturedMessageTests() => Bzip2.Register();

    [Fact]
    public void Envelopes_AreAllThere() => Assert.Equal(219, CaptureFiles.Envelopes.Count);

    [Fact]
    public void Encode_OfEveryCapturedEnvelope_SaysWhatPythonSaid()
    {
        foreach ((string capture, byte[] text) in CaptureFiles.Envelopes)
        {
            TaskMessage message = MessageCodec.Decode(text);
            JsonNode expected = JsonNode.Parse(text)!;
            AddWhatEssaimAlwaysWrites((JsonObject)expected["headers"]!);
            RemoveLeaks((JsonObject)expected["properties"]!);
            SameJson.Assert(expected, JsonNode.Parse(MessageCodec.Encode(message)), capture);
        }
    }

    [Fact]
    public void WithBody_OfEveryCapturedBody_SaysWhatPythonSaid()
    {
        foreach ((string capture, byte[] text) in CaptureFiles.Envelopes)
        {
            TaskMessage message = MessageCodec.Decode(text);
            TaskBody body = MessageCodec.ReadBody(message);
            JsonNode expected = JsonNode.Parse(MessageBody.Open(message, int.MaxValue).Span)!;
            NormaliseEmbed((JsonObject)expected[2]!);
            JsonNode actual = JsonNode.Parse(body.Encode())!;
            SameJson.Assert(expected, actual, capture);

            TaskMessage again = MessageCodec.Decode(MessageCodec.Encode(MessageCodec.WithBody(message, body)));
            JsonNode carried = JsonNode.Parse(MessageCodec.ReadBody(again).Encode())!;
            SameJson.Assert(expected, carried, capture);
        }
    }

    /// <summary>Headers of Celery 5.3 and later, which 5.2 ignores.</summary>
    private static void AddWhatEssaimAlwaysWrites(JsonObject headers)
    {
        headers.TryAdd("replaced_task_nesting", 0);
        headers.TryAdd("stamped_headers", null);
        headers.TryAdd("stamps", new JsonObject());
        // A naive ETA means UTC; Essaim says so.
        if ((string?)headers["eta"] is { Length: 26 } naive)
            headers["eta"] = naive + "+00:00";
    }

    /// <summary>Execution options that Celery leaks into the properties, and the expiration that Redis ignores.</summary>
    private static void RemoveLeaks(JsonObject properties)
    {
        foreach (string leak in (string[])["expiration", "replaced_task_nesting", "argsrepr", "kwargsrepr", "origin"])
            properties.Remove(leak);
    }

    /// <summary>An empty chain is written as null.</summary>
    private static void NormaliseEmbed(JsonObject embed)
    {
        if (embed["chain"] is JsonArray { Count: 0 })
            embed["chain"] = null;
    }
}
