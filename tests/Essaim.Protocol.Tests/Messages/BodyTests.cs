namespace Essaim.Protocol.Tests;

public sealed class BodyTests
{
    [Theory]
    [InlineData("[[1], {\"a\": 2}, null]")]
    [InlineData("[[1], {\"a\": 2}, {}]")]
    [InlineData(" [ [1] , {\"a\": 2} , {\"chain\": [], \"unknown\": [{}]} ] ")]
    public void ReadBody_WithNothingToFollow_IsEmpty(string text)
    {
        TaskBody body = MessageCodec.ReadBody(Sample.WithText(text));

        Assert.Equal(("[1]", "{\"a\": 2}"), (body.Args.ToString(), body.Kwargs.ToString()));
        Assert.Same(TaskEmbed.Empty, body.Embed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("utf-8")]
    public void ReadBody_OfPlainText_ReadsItAndEncodeWritesBase64(string? encoding)
    {
        byte[] envelope = Sample.With(envelope =>
        {
            envelope["body"] = "[[\"é\"], {}, null]";
            envelope["properties"]!["body_encoding"] = encoding;
        });

        TaskMessage message = MessageCodec.Decode(envelope);
        TaskMessage again = MessageCodec.Decode(MessageCodec.Encode(message));

        Assert.Equal("[\"é\"]", RawJson.From(MessageCodec.ReadBody(message).Args.Deserialize<string[]>(), CeleryOutput).ToString());
        Assert.Equal("base64", again.BodyEncoding);
        Assert.Equal(MessageCodec.ReadBody(message).Args, MessageCodec.ReadBody(again).Args);
    }

    [Theory]
    [InlineData("{}", "body (byte 0) must be [args, kwargs, embed], and is an object.")]
    [InlineData("[]", "body[0] (args) (byte 1) must be a list, and is missing.")]
    [InlineData("[[], {}]", "body[2] (embed) (byte 7) must be an object, and is missing.")]
    [InlineData("[[], {}, {}, 1]", "body[3] (byte 13) must be absent: a body has three elements, and is 1.")]
    [InlineData("[{}, {}, {}]", "body[0] (args) (byte 1) must be a list, and is an object.")]
    [InlineData("[[], [], {}]", "body[1] (kwargs) (byte 5) must be an object, and is a list.")]
    [InlineData("[[NaN], {}, {}]", "The body is not JSON that can be read: byte 2 begins NaN, which Python's json writes but JSON does not have. Send null, a string or a finite number instead.")]
    [InlineData("[[1, -Infinity], {}, {}]", "The body is not JSON that can be read: byte 5 begins -Infinity, which Python's json writes but JSON does not have. Send null, a string or a finite number instead.")]
    [InlineData("[[Infinity], {}, {}]", "The body is not JSON that can be read: byte 2 begins Infinity, which Python's json writes but JSON does not have. Send null, a string or a finite number instead.")]
    [InlineData("[[], {}, {\"callbacks\": 1}]", "embed.callbacks (byte 23) must be a list of signatures, and is 1.")]
    [InlineData("[[], {}, {\"chord\": {\"args\": []}}]", "The signature in embed.chord (byte 19) names no task. It must have a non-empty \"task\".")]
    [InlineData("[[], {}, {\"chain\": [{\"task\": \"t\", \"options\": {\"countdown\": \"x\"}}]}]", "options.countdown (byte 59) must be a number of seconds below 9e11, and is \"x\".")]
    public void ReadBody_OfWhatIsNoBody_NamesWhatIsWrong(string text, string expected)
    {
        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.ReadBody(Sample.WithText(text)));

        Assert.Equal(expected, error.Message);
    }

    [Fact]
    public void ReadBody_OfHugeNumbers_KeepsThemRaw()
    {
        string number = new('9', 5000);

        TaskBody body = MessageCodec.ReadBody(Sample.WithText($"[[{number}, 1e999], {{}}, null]"));

        Assert.Equal($"[{number}, 1e999]", body.Args.ToString());
    }

    [Fact]
    public void ReadBody_OfWhatIsNotBase64_SaysWhere()
    {
        MessageFormatException error = Assert.Throws<MessageFormatException>(() =>
            MessageCodec.ReadBody(Sample.Message with { EncodedBody = "W1tdLHt9*G51bGxd"u8.ToArray() }));

        Assert.Equal(
            "The body is not base64: it stops reading so at byte 8 of 16. The sender must encode it with the standard alphabet and padding.",
            error.Message);
        Assert.Equal(("body", 8), (error.Field, error.Position));
    }

    [Fact]
    public void ReadBody_OfAnotherBodyEncoding_NamesIt()
    {
        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.ReadBody(Sample.Message with { BodyEncoding = "rot13" }));

        Assert.Equal("The body encoding is rot13. Only base64 and utf-8 are read; the sender must use one of them.", error.Message);
    }

    [Fact]
    public void ReadBody_PastTheLimit_SaysHowLarge()
    {
        TaskMessage message = Sample.WithText($"[[\"{new string('x', 200)}\"], {{}}, null]");

        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.ReadBody(message, maxBytes: 100));

        Assert.Equal(
            "The body is 216 bytes or more when unpacked, and 100 are allowed. Put large data in an object store and send its address.",
            error.Message);
        Assert.Equal("[]", MessageCodec.ReadBody(Sample.WithText("[[], {}, 1]".Replace("1", "null", StringComparison.Ordinal)), maxBytes: 14).Args.ToString());
    }

    private static readonly System.Text.Json.JsonSerializerOptions CeleryOutput =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
