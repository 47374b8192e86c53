using System.Text.Json.Nodes;

namespace Essaim.Protocol.Tests;

public sealed class DecodeTests
{
    [Fact]
    public void Decode_OfEveryField_ReadsIt()
    {
        TaskMessage message = MessageCodec.Decode("""
            {"properties": {"delivery_tag": "t", "delivery_info": {"routing_key": "q", "exchange": "x", "priority": 3}, "priority": "7",
              "correlation_id": "c", "reply_to": "r", "delivery_mode": 1, "body_encoding": "base64", "expiration": "5"},
             "content-type": "application/json", "content-encoding": "utf-8", "unknown": {"a": [1]}, "body": "W10\u003d",
             "headers": {"root_id": "root", "\u0069d": "i", "task": "n\u00e9", "lang": "py", "parent_id": "p", "group": "g", "group_index": 4,
              "shadow": "s", "eta": "2026-11-22T02:20:02.616766+0000", "expires": "2026-11-23T00:00:00Z", "retries": 2,
              "timelimit": [30, 2.5], "argsrepr": "(1,)", "kwargsrepr": "{}", "origin": "gen1@h", "ignore_result": true,
              "stamps": {}, "stamped_headers": null, "replaced_task_nesting": 0, "x-mine": {"a": [1, 2]}, "compression": "gzip"}}
            """.Bytes());

        Assert.Equal("t", message.DeliveryTag);
        Assert.Equal(("x", "q", 7, 1), (message.Exchange, message.RoutingKey, message.Priority, message.DeliveryMode));
        Assert.Equal(("c", "r", "base64"), (message.CorrelationId, message.ReplyTo, message.BodyEncoding));
        Assert.Equal(("i", "né", "py", "root", "p"), (message.Id, message.Task, message.Language, message.RootId, message.ParentId));
        Assert.Equal(("g", 4, "s", 2), (message.GroupId, message.GroupIndex, message.Shadow, message.Retries));
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 2, 20, 2, TimeSpan.Zero).AddMicroseconds(616_766), message.Eta);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero), message.Expires);
        Assert.Equal(new TimeLimits(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(2.5)), message.TimeLimits);
        Assert.Equal(("(1,)", "{}", "gen1@h", true), (message.ArgsRepr, message.KwargsRepr, message.Origin, message.IgnoreResult));
        Assert.Equal("gzip", message.Compression);
        Assert.Equal("W10=", System.Text.Encoding.UTF8.GetString(message.EncodedBody.Span));
        KeyValuePair<string, RawJson> other = Assert.Single(message.Headers);
        Assert.Equal(("x-mine", "{\"a\": [1, 2]}"), (other.Key, other.Value.ToString()));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Decode_OfARedeliveredMessage_ReadsTheFlagFromEitherPlaceAndEncodeWritesBoth(bool inHeaders, bool inDeliveryInfo)
    {
        byte[] text = Sample.With(envelope =>
        {
            if (inHeaders)
                envelope["headers"]!["redelivered"] = true;
            if (inDeliveryInfo)
                envelope["properties"]!["delivery_info"]!["redelivered"] = true;
        });

        TaskMessage message = MessageCodec.Decode(text);
        JsonNode written = JsonNode.Parse(MessageCodec.Encode(message))!;

        Assert.True(message.Redelivered);
        Assert.True((bool)written["headers"]!["redelivered"]!);
        Assert.True((bool)written["properties"]!["delivery_info"]!["redelivered"]!);
    }

    [Theory]
    [InlineData("application/x-python-serialize", "The message's content type is application/x-python-serialize (pickle). Only application/json is read; nothing in it was run. Send it with serializer = \"json\".")]
    [InlineData("application/x-yaml", "The message's content type is application/x-yaml (YAML). Only application/json is read; nothing in it was run. Send it with serializer = \"json\".")]
    [InlineData("application/x-msgpack", "The message's content type is application/x-msgpack (msgpack). Only application/json is read; nothing in it was run. Send it with serializer = \"json\".")]
    [InlineData("application/data", "The message's content type is application/data (raw bytes). Only application/json is read; nothing in it was run. Send it with serializer = \"json\".")]
    [InlineData("text/plain", "The message's content type is text/plain (text). Only application/json is read; nothing in it was run. Send it with serializer = \"json\".")]
    [InlineData("image/png", "The message's content type is image/png. Only application/json is read; nothing in it was run. Send it with serializer = \"json\".")]
    public void Decode_OfAnotherContentType_NamesIt(string contentType, string expected) =>
        Refused(Sample.With(envelope => envelope["content-type"] = contentType), "content-type", expected);

    [Fact]
    public void Decode_OfCapturedYamlAndPickle_RefusesBoth()
    {
        string[] texts = [.. CaptureFiles.EnvelopesOf("celery-5.2/serializers").Select(text =>
            Assert.Throws<MessageFormatException>(() => MessageCodec.Decode(text)).Message)];

        Assert.Equal(2, texts.Length);
        Assert.StartsWith("The message's content type is application/x-yaml (YAML).", texts[0], StringComparison.Ordinal);
        Assert.StartsWith("The message's content type is application/x-python-serialize (pickle).", texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_OfCapturedProtocol1_SaysWhatToSet() => Refused(
        Assert.Single(CaptureFiles.EnvelopesOf("celery-5.2/protocol_v1")),
        "headers.task",
        "The message has no headers.task, so it is Celery's protocol 1 or no task at all. Protocol 1 is not read: set task_protocol = 2 (Celery's default) where it was sent.");

    [Theory]
    [InlineData("headers", "id", "headers.id", "The message has no headers.id. Every task message has an id. The sender must set it.")]
    [InlineData("properties", "delivery_tag", "properties.delivery_tag", "The message has no properties.delivery_tag. Every delivered copy has its own. The sender must set it.")]
    [InlineData("properties", "delivery_info", "properties.delivery_info.routing_key", "The message has no properties.delivery_info.routing_key. It must name the queue. The sender must set it.")]
    public void Decode_WithoutAMandatoryField_NamesIt(string part, string name, string field, string expected) =>
        Refused(Sample.With(envelope => ((JsonObject)envelope[part]!).Remove(name)), field, expected);

    [Fact]
    public void Decode_WithoutContentType_NamesIt() => Refused(
        Sample.With(envelope => envelope.Remove("content-type")),
        "content-type",
        "The message has no content-type. It must be application/json. The sender must set it.");

    [Fact]
    public void Decode_WithoutBody_NamesIt() => Refused(
        Sample.With(envelope => envelope.Remove("body")),
        "body",
        "The message has no body. It must be the base64 of [args, kwargs, embed]. The sender must set it.");

    [Fact]
    public void Decode_OfAnotherContentEncoding_NamesIt() => Refused(
        Sample.With(envelope => envelope["content-encoding"] = "latin-1"),
        "content-encoding",
        "The message's content encoding is latin-1. Only utf-8 is read. Send it with serializer = \"json\".");

    [Theory]
    [InlineData("id", "5", "headers.id (byte 17) must be text, and is 5.")]
    [InlineData("id", "\"\"", "headers.id (byte 17) is empty. It must be set.")]
    [InlineData("retries", "1e99", "headers.retries (byte 22) must be a whole number of 32 bits, and is 1e99.")]
    [InlineData("retries", "[]", "headers.retries (byte 22) must be a whole number of 32 bits, and is a list.")]
    [InlineData("eta", "\"soon\"", "headers.eta (byte 18) must be an ISO 8601 time, and is \"soon\".")]
    [InlineData("expires", "{}", "headers.expires (byte 22) must be an ISO 8601 time, and is an object that holds none.")]
    [InlineData("expires", "5", "headers.expires (byte 22) must be an ISO 8601 time, and is 5.")]
    [InlineData("timelimit", "[1]", "headers.timelimit (byte 26) must be [hard, soft]: exactly two values.")]
    [InlineData("timelimit", "[1,2,3]", "headers.timelimit (byte 29) must be [hard, soft]: exactly two values.")]
    [InlineData("timelimit", "[1e300,2]", "headers.timelimit (byte 25) must be a number of seconds below 9e11, and is 1e300.")]
    [InlineData("ignore_result", "1", "headers.ignore_result (byte 28) must be true or false, and is 1.")]
    [InlineData("shadow", "{}", "headers.shadow (byte 21) must be text, and is an object.")]
    public void Decode_OfAHeaderOfTheWrongType_NamesFieldAndPosition(string name, string value, string expected)
    {
        MessageFormatException error = Assert.Throws<MessageFormatException>(() =>
            MessageCodec.Decode(("{\"headers\":{\"" + name + "\":" + value + "}}").Bytes()));

        Assert.Equal(expected, error.Message);
        Assert.Equal("headers." + name, error.Field);
    }

    [Theory]
    [InlineData("", 0, "The envelope is not JSON that can be read: it is empty.")]
    [InlineData("[1, 2]", 0, "The envelope is not a JSON object; a task message is one.")]
    [InlineData("{\"body\": \"W10=\", ", 17, "The envelope is not JSON that can be read: it ends at byte 17, before it is complete.")]
    [InlineData("{\"body\" 1}", 8, "The envelope is not JSON that can be read: byte 8 ('1') cannot stand there.")]
    [InlineData("{}\n{}", 3, "The envelope is not JSON that can be read: byte 3 ('{') cannot stand there.")]
    [InlineData("{\"a\":\n\nNaN}", 7, "The envelope is not JSON that can be read: byte 7 begins NaN, which Python's json writes but JSON does not have. Send null, a string or a finite number instead.")]
    [InlineData("{\"headers\": {\"id\": \"\\ud800\"}}", 19, "The envelope is not JSON that can be read: the text at byte 19 escapes half a surrogate pair, which is no character.")]
    public void Decode_OfWhatIsNotJson_NamesThePosition(string text, long position, string expected)
    {
        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.Decode(text.Bytes()));

        Assert.Equal(expected, error.Message);
        Assert.Equal(position, error.Position);
    }

    [Fact]
    public void Decode_OfBytesThatAreNotUtf8_NamesThePosition()
    {
        byte[] text = Sample.Envelope().Bytes();
        text[30] = 0xFF;

        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.Decode(text));

        Assert.Equal("The envelope is not UTF-8: byte 30 begins no character. Write JSON as UTF-8.", error.Message);
    }

    [Fact]
    public void Decode_OfDeepNesting_SaysHowDeepItMayBe()
    {
        string deep = "{\"x\":" + new string('[', 100_000);

        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.Decode(deep.Bytes()));

        Assert.Equal("The envelope is not JSON that can be read: byte 260 opens level 257 of nesting, and 256 levels are allowed.", error.Message);
    }

    private static void Refused(byte[] envelope, string field, string expected)
    {
        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.Decode(envelope));

        Assert.Equal(expected, error.Message);
        Assert.Equal(field, error.Field);
    }
}
