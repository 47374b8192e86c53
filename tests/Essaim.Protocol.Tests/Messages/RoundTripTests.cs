using FsCheck;
using FsCheck.Fluent;

namespace Essaim.Protocol.Tests;

/// <summary>Whatever is written reads back the same: 2,000 made-up messages, signatures and results each.</summary>
public sealed class RoundTripTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(2000);

    [Fact]
    public void Message_WrittenAndRead_IsTheSame() => Prop.ForAll(MadeUp.Messages.ToArbitrary(), made =>
    {
        TaskMessage sent = MessageCodec.WithBody(made.Message, made.Body);
        TaskMessage read = MessageCodec.Decode(MessageCodec.Encode(sent));

        // A body is memory, whose equality is identity; the checked mark is the writer's own.
        Assert.True(sent.EncodedBody.Span.SequenceEqual(read.EncodedBody.Span));
        Assert.Equal(sent.Headers.OrderBy(pair => pair.Key, StringComparer.Ordinal), read.Headers.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        TaskMessage expected = sent with { RootId = sent.RootId ?? sent.Id, CorrelationId = sent.CorrelationId ?? sent.Id, ReplyTo = sent.ReplyTo ?? "" };
        Assert.Equal(Bare(expected), Bare(read));
        Assert.Equal(MessageCodec.Encode(sent), MessageCodec.Encode(read));
        Assert.Equal(made.Body.Encode(), MessageCodec.ReadBody(read).Encode());
    }).Check(Thorough);

    [Fact]
    public void Signature_WrittenAndRead_IsTheSame() => Prop.ForAll(MadeUp.Signatures(3).ToArbitrary(), signature =>
    {
        RawJson written = signature.Encode();
        Signature read = Signature.Decode(written);

        Assert.Equal(written, read.Encode());
        Assert.Equal(signature with { Options = SignatureOptions.None }, read with { Options = SignatureOptions.None });
        Assert.Equal(Bare(signature.Options), Bare(read.Options));
    }).Check(Thorough);

    [Fact]
    public void Result_WrittenAndRead_IsTheSame() => Prop.ForAll(MadeUp.Results.ToArbitrary(), document =>
        Assert.Equal(document, ResultDocument.Decode(document.Encode()))).Check(Thorough);

    private static TaskMessage Bare(TaskMessage message) =>
        message with { EncodedBody = default, Headers = Sample.Message.Headers };

    private static SignatureOptions Bare(SignatureOptions options) =>
        options with { Chord = null, Chain = null, Link = null, LinkError = null, Headers = null, Other = null };
}
