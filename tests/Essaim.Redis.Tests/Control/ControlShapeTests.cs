using System.Text;
using Essaim.Protocol;

namespace Essaim.Redis.Tests;

/// <summary>Control messages beside those captured from Celery 5.2.6.</summary>
public sealed class ControlShapeTests
{
    private const string Request =
        """{"body": "eyJtZXRob2QiOiAicGluZyIsICJhcmd1bWVudHMiOiB7fSwgImRlc3RpbmF0aW9uIjogWyJ3MUB2bSJdLCAicGF0dGVybiI6IG51bGwsICJtYXRjaGVyIjogbnVsbCwgInRpY2tldCI6ICI1MDAxYjZlZC1lYTdmLTRiZTAtYTRjZi1kMGY4ZTNhZWU0YmUiLCAicmVwbHlfdG8iOiB7ImV4Y2hhbmdlIjogInJlcGx5LmNlbGVyeS5waWRib3giLCAicm91dGluZ19rZXkiOiAiNmQ5MzZhYjEtZGNmMi0zMzJkLTkzMDgtZDc4MWI5OWZkODE1In19", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"clock": 1, "expires": 1795314235.7013311}, "properties": {"delivery_mode": 2, "delivery_info": {"exchange": "celery.pidbox", "routing_key": ""}, "priority": 0, "body_encoding": "base64", "delivery_tag": "c11b6814-4859-47f0-8553-05fcf36eb4b2"}}""";

    private const string Reply =
        """{"body": "eyJ3MUB2bSI6IHsib2siOiAicG9uZyJ9fQ==", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"ticket": "5001b6ed-ea7f-4be0-a4cf-d0f8e3aee4be", "clock": 3}, "properties": {"delivery_mode": 1, "delivery_info": {"exchange": "reply.celery.pidbox", "routing_key": "6d936ab1-dcf2-332d-9308-d781b99fd815"}, "priority": 0, "body_encoding": "base64", "delivery_tag": "8c5b3e87-87f1-4227-81af-6ecc5e4ac117"}}""";

    [Fact]
    public void Request_ReadAndWritten_IsTheCapturedMessage()
    {
        ControlMessage message = ControlMessage.TryRead(RawMessages.Bytes(Request))!;

        Assert.Equal(("ping", 1L), (message.Request.Method, message.Request.Clock));
        Assert.Equal(["w1@vm"], message.Request.Destination);
        Assert.Equal(RawMessages.ShapeOfText(Request), RawMessages.Shape(message.Encode()));
    }

    [Fact]
    public void Reply_Written_IsTheCapturedMessage()
    {
        ControlMessage message = ControlMessage.TryRead(RawMessages.Bytes(Request))!;

        ReadOnlyMemory<byte> reply = message.EncodeReply("w1@vm", RawJson.Parse("""{"ok": "pong"}"""), 3);

        Assert.Equal(RawMessages.ShapeOfText(Reply), RawMessages.Shape(reply));
    }

    [Fact]
    public void Reply_Read_IsOfItsNode()
    {
        (string? ticket, List<ControlReply> replies) = ControlMessage.TryReadReply(RawMessages.Bytes(Reply))!.Value;

        Assert.Equal("5001b6ed-ea7f-4be0-a4cf-d0f8e3aee4be", ticket);
        Assert.Equal([new ControlReply("w1@vm", RawJson.Parse("""{"ok": "pong"}"""), 3)], replies);
    }

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData("w1@h", null, null, true)]
    [InlineData("w2@h", null, null, false)]
    [InlineData(null, "w1@*", "glob", true)]
    [InlineData(null, "w1", "glob", false)]
    [InlineData(null, "x*", "glob", false)]
    [InlineData(null, "w[0-9]@?", "glob", true)]
    [InlineData(null, "w[!0-9]@?", "glob", false)]
    [InlineData(null, "w[0-9]@", "pcre", true)]
    [InlineData(null, "1@", "pcre", false)]
    [InlineData(null, "w(", "pcre", false)]
    [InlineData(null, "(w|w)*\\1*x", "unknown", false)]
    [InlineData("w2@h", "w1*", "glob", true)]
    public void IsFor_Node_FollowsDestinationAndPattern(string? destination, string? pattern, string? matcher, bool expected)
    {
        ControlMessage message = new(
            new ControlRequest("ping", RawJson.EmptyObject, destination is null ? null : [destination]), pattern, matcher, null, null, null, 0);

        Assert.Equal(expected, NodePattern.IsFor(message, "w1@h"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"body": "3"}""")]
    [InlineData("""{"body": "{\"method\": null}"}""")]
    [InlineData("""{"body": "{\"method\": \"ping\", \"destination\": [1]}"}""")]
    public void TryRead_Malformed_IsNull(string envelope) => Assert.Null(ControlMessage.TryRead(Encoding.UTF8.GetBytes(envelope)));
}
