using System.Text.Json.Nodes;

namespace Essaim.Protocol.Tests;

public sealed class EncodeTests
{
    [Fact]
    public void Encode_OfTheLeastMessage_WritesEveryStandardField() => Assert.Equal(
        """
        {"body":"W1syLCAzXSx7fSx7ImNhbGxiYWNrcyI6bnVsbCwiZXJyYmFja3MiOm51bGwsImNoYWluIjpudWxsLCJjaG9yZCI6bnVsbH1d","content-encoding":"utf-8","content-type":"application/json","headers":{"lang":"csharp","task":"tasks.add","id":"id-1","shadow":null,"eta":null,"expires":null,"group":null,"group_index":null,"retries":0,"timelimit":[null,null],"root_id":"id-1","parent_id":null,"argsrepr":null,"kwargsrepr":null,"origin":null,"ignore_result":null,"replaced_task_nesting":0,"stamped_headers":null,"stamps":{}},"properties":{"correlation_id":"id-1","reply_to":"","delivery_mode":2,"delivery_info":{"exchange":"","routing_key":"celery"},"priority":0,"body_encoding":"base64","delivery_tag":"tag-1"}}
        """,
        System.Text.Encoding.UTF8.GetString(MessageCodec.Encode(MessageCodec.WithBody(Sample.Message, Sample.Body))));

    [Fact]
    public void Encode_OfTimesAndLimits_WritesWhatOldCeleryReads()
    {
        JsonNode headers = Headers(Sample.Message with
        {
            Eta = new DateTimeOffset(2026, 11, 22, 2, 20, 2, TimeSpan.Zero).AddTicks(1_234_567),
            Expires = new DateTimeOffset(2026, 11, 22, 2, 20, 2, TimeSpan.FromHours(5.5)),
            TimeLimits = new TimeLimits(TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(2500)),
        });

        Assert.Equal("2026-11-22T02:20:02.123456+00:00", (string?)headers["eta"]);
        Assert.Equal("2026-11-22T02:20:02+05:30", (string?)headers["expires"]);
        Assert.Equal("[30,2.5]", headers["timelimit"]!.ToJsonString());
    }

    [Fact]
    public void Encode_OfExtraHeaders_WritesThemBesideTheStandardOnes()
    {
        JsonNode headers = Headers(Sample.Message with
        {
            Headers = new Dictionary<string, RawJson>
            {
                ["traceparent"] = RawJson.Parse("\"00-1\""),
                ["stamps"] = RawJson.Parse("{\"a\": 1}"),
                ["replaced_task_nesting"] = RawJson.Parse("2"),
            },
        });

        Assert.Equal(("00-1", 1, 2), ((string?)headers["traceparent"], (int)headers["stamps"]!["a"]!, (int)headers["replaced_task_nesting"]!));
    }

    public static TheoryData<TaskMessage, string> Unset { get; } = new()
    {
        { Sample.Message with { Id = "" }, "headers.id" },
        { Sample.Message with { Task = "" }, "headers.task" },
        { Sample.Message with { DeliveryTag = null! }, "properties.delivery_tag" },
        { Sample.Message with { Exchange = null! }, "properties.delivery_info.exchange" },
        { Sample.Message with { RoutingKey = "" }, "properties.delivery_info.routing_key" },
        { Sample.Message with { RoutingKey = null!, Exchange = "x" }, "properties.delivery_info.routing_key" },
    };

    [Theory]
    [MemberData(nameof(Unset), DisableDiscoveryEnumeration = true)]
    public void Encode_WithoutWhatPythonNeeds_Refuses(TaskMessage message, string field)
    {
        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.Encode(MessageCodec.WithBody(message, Sample.Body)));

        Assert.Equal($"The message cannot be written: {field} is not set. Without it the message would end every Python worker that reads it.", error.Message);
        Assert.Equal(field, error.Field);
    }

    [Theory]
    [InlineData("[[], {}]", "body[2] (embed) (byte 7) must be an object, and is missing.")]
    [InlineData("{\"task\": \"t\"}", "body (byte 0) must be [args, kwargs, embed], and is an object.")]
    [InlineData("", "The body is not JSON that can be read: it is empty.")]
    public void Encode_WithABodyThatWouldEndAPythonWorker_Refuses(string body, string expected)
    {
        Assert.Equal(expected, Assert.Throws<MessageFormatException>(() => MessageCodec.Encode(Sample.WithText(body))).Message);
    }

    [Fact]
    public void Encode_AfterTheBodyWasReplaced_ChecksItAgain()
    {
        TaskMessage sound = MessageCodec.WithBody(Sample.Message, Sample.Body);

        Assert.Throws<MessageFormatException>(() => MessageCodec.Encode(sound with { EncodedBody = "not base64"u8.ToArray() }));
        Assert.Throws<MessageFormatException>(() => MessageCodec.Encode(sound with { Compression = "gzip" }));
        Assert.Throws<MessageFormatException>(() => MessageCodec.Encode(sound with { BodyEncoding = null }));
        Assert.Equal(MessageCodec.Encode(sound), MessageCodec.Encode(sound with { EncodedBody = sound.EncodedBody }));
    }

    [Fact]
    public void Encode_WithAStandardHeaderAmongTheExtraOnes_Refuses()
    {
        TaskMessage message = Sample.Message with { Headers = new Dictionary<string, RawJson> { ["eta"] = RawJson.Null } };

        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.Encode(MessageCodec.WithBody(message, Sample.Body)));

        Assert.Equal("The extra header eta is one of Celery's own. Set the property of TaskMessage for it and take it out of Headers.", error.Message);
    }

    [Fact]
    public void Encode_WithAnExtraHeaderThatIsNotJson_Refuses()
    {
        TaskMessage message = Sample.Message with { Headers = new Dictionary<string, RawJson> { ["x"] = new("1}, {"u8.ToArray()) } };

        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.Encode(MessageCodec.WithBody(message, Sample.Body)));

        Assert.Equal("The headers.x is not JSON that can be read: byte 1 ('}') cannot stand there.", error.Message);
    }

    [Theory]
    [InlineData("{}", "{}", "The args to be written must be a JSON list, and are something else.")]
    [InlineData("[]", "[]", "The kwargs to be written must be a JSON object, and are something else.")]
    [InlineData("[1], [2]", "{}", "The args is not JSON that can be read: byte 3 (',') cannot stand there.")]
    public void WithBody_OfPartsThatAreNotWhatTheyShouldBe_Refuses(string args, string kwargs, string expected)
    {
        TaskBody body = new(new RawJson(args.Bytes()), new RawJson(kwargs.Bytes()), TaskEmbed.Empty);

        Assert.Equal(expected, Assert.Throws<MessageFormatException>(() => MessageCodec.WithBody(Sample.Message, body)).Message);
    }

    [Fact]
    public void WithBody_ByTheShortNameOfACompression_WritesTheMimeName()
    {
        TaskMessage message = MessageCodec.WithBody(Sample.Message with { Compression = "gzip" }, Sample.Body);

        Assert.Equal("application/x-gzip", message.Compression);
        Assert.Equal(0x78, Convert.FromBase64String(System.Text.Encoding.UTF8.GetString(message.EncodedBody.Span))[0]);
        Assert.Equal(Sample.Body.Args, MessageCodec.ReadBody(MessageCodec.Decode(MessageCodec.Encode(message))).Args);
    }

    private static JsonNode Headers(TaskMessage message) =>
        JsonNode.Parse(MessageCodec.Encode(MessageCodec.WithBody(message, Sample.Body)))!["headers"]!;
}
