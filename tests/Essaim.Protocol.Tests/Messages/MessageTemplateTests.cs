using System.Text;

namespace Essaim.Protocol.Tests;

public sealed class MessageTemplateTests
{
    private static readonly RawJson[] Results = [RawJson.Parse("1"), RawJson.Parse("\"é\""), RawJson.Parse("{\"a\": [null]}")];

    [Theory]
    [InlineData("[]", "[[1,\"é\",{\"a\": [null]}]]")]
    [InlineData(" [ ] ", "[[1,\"é\",{\"a\": [null]}]]")]
    [InlineData("[[7], 8]", "[[1,\"é\",{\"a\": [null]}],[7], 8]")]
    [InlineData(" [\n7]", "[[1,\"é\",{\"a\": [null]}],7]")]
    public void Fill_PutsTheResultsFirst(string args, string expected)
    {
        TaskBody body = new(RawJson.Parse(args), RawJson.Parse("{\"k\": 1}"), new TaskEmbed { Chain = [new Signature { Task = "next" }] });

        TaskMessage message = MessageCodec.Decode(MessageTemplate.Create(Sample.Message, body, immutable: false).Fill(Results));
        TaskBody filled = MessageCodec.ReadBody(message);

        Assert.Equal(expected, filled.Args.ToString());
        Assert.Equal("{\"k\": 1}", filled.Kwargs.ToString());
        Assert.Equal("next", Assert.Single(filled.Embed.Chain).Task);
        Assert.Equal(("id-1", "tag-1", "celery"), (message.Id, message.DeliveryTag, message.RoutingKey));
    }

    [Fact]
    public void Fill_WithNoResults_PutsAnEmptyListFirst()
    {
        MessageTemplate template = MessageTemplate.Create(Sample.Message, Sample.Body, immutable: false);

        Assert.Equal("[[],2, 3]", MessageCodec.ReadBody(MessageCodec.Decode(template.Fill([]))).Args.ToString());
    }

    [Fact]
    public void Fill_OfAnImmutableMessage_IgnoresTheResults()
    {
        MessageTemplate template = MessageTemplate.Create(Sample.Message, Sample.Body, immutable: true);

        Assert.True(template.IgnoresResults);
        Assert.Equal(MessageCodec.Encode(MessageCodec.WithBody(Sample.Message, Sample.Body)), template.Fill(Results));
    }

    /// <summary>What a server-side script does with the four parts.</summary>
    [Fact]
    public void Fill_IsPlainConcatenation()
    {
        MessageTemplate template = MessageTemplate.Create(Sample.Message, Sample.Body, immutable: false);
        string body = Text(template.BodyPrefix) + string.Join(',', Results) + Text(template.BodySuffix);

        string joined = Text(template.Head) + Convert.ToBase64String(Encoding.UTF8.GetBytes(body)) + Text(template.Tail);

        Assert.Equal(Encoding.UTF8.GetString(template.Fill(Results)), joined);
    }

    [Fact]
    public void Create_OfACompressedMessage_IsNotCompressed()
    {
        MessageTemplate template = MessageTemplate.Create(Sample.Message with { Compression = "gzip" }, Sample.Body, immutable: false);

        TaskMessage message = MessageCodec.Decode(template.Fill(Results));

        Assert.Null(message.Compression);
        Assert.Equal(RawJson.EmptyObject, MessageCodec.ReadBody(message).Kwargs);
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
