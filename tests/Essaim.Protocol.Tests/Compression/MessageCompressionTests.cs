using System.IO.Compression;

namespace Essaim.Protocol.Tests;

public sealed class MessageCompressionTests
{
    public MessageCompressionTests() => Bzip2.Register();

    [Theory]
    [InlineData("celery-5.2/compression_gzip")]
    [InlineData("celery-5.2/compression_bzip2")]
    public void ReadBody_OfACapturedCompression_ReadsIt(string capture)
    {
        IReadOnlyList<byte[]> envelopes = CaptureFiles.EnvelopesOf(capture);

        Assert.NotEmpty(envelopes);
        Assert.All(envelopes, text => Assert.StartsWith("{\"blob\": \"xxx", MessageCodec.ReadBody(MessageCodec.Decode(text)).Kwargs.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gzip", "application/x-gzip")]
    [InlineData("zlib", "application/x-gzip")]
    [InlineData("application/x-gzip", "application/x-gzip")]
    [InlineData("brotli", "application/x-brotli")]
    [InlineData("bzip2", "application/x-bz2")]
    public void WithBody_InEveryCompression_ReadsBack(string name, string mimeName)
    {
        TaskBody body = Sample.Body with { Args = RawJson.From(new[] { new string('x', 10_000) }) };

        TaskMessage message = MessageCodec.WithBody(Sample.Message with { Compression = name }, body);

        Assert.Equal(mimeName, message.Compression);
        Assert.InRange(message.EncodedBody.Length, 10, 500);
        Assert.Equal(body.Args, MessageCodec.ReadBody(MessageCodec.Decode(MessageCodec.Encode(message))).Args);
    }

    [Theory]
    [InlineData("application/x-lzma")]
    [InlineData("application/zstd")]
    public void ReadBody_OfACompressionNobodyRegistered_NamesIt(string name)
    {
        MessageFormatException error = Assert.Throws<MessageFormatException>(() =>
            MessageCodec.ReadBody(MessageCodec.WithBody(Sample.Message, Sample.Body) with { Compression = name }));

        Assert.Equal(
            $"The message's compression is {name}, which is not known here. Send it without, with gzip or brotli, or register it (MessageCompression.Register).",
            error.Message);
        Assert.Equal("headers.compression", error.Field);
    }

    [Fact]
    public void ReadBody_OfABomb_StopsAtTheLimit()
    {
        using MemoryStream bomb = new();
        using (ZLibStream zlib = new(bomb, CompressionLevel.Optimal, leaveOpen: true))
        {
            byte[] zeros = new byte[1024 * 1024];
            for (int megabyte = 0; megabyte < 200; megabyte++)
                zlib.Write(zeros);
        }

        TaskMessage message = Sample.Message with { Compression = "gzip", EncodedBody = MessageBody.ToBase64(bomb.ToArray()) };
        long before = GC.GetAllocatedBytesForCurrentThread();
        MessageFormatException error = Assert.Throws<MessageFormatException>(() => MessageCodec.ReadBody(message, maxBytes: 100_000));

        Assert.EndsWith("100000 are allowed. Put large data in an object store and send its address.", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    [Fact]
    public void ReadBody_OfAGzipFile_SaysThatItDoesNotDecompress()
    {
        using MemoryStream file = new();
        using (GZipStream gzip = new(file, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write("[[], {}, null]"u8);

        MessageFormatException error = Assert.Throws<MessageFormatException>(() =>
            MessageCodec.ReadBody(Sample.Message with { Compression = "gzip", EncodedBody = MessageBody.ToBase64(file.ToArray()) }));

        Assert.StartsWith("The body does not decompress as application/x-gzip: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(" The sender's data is damaged or compressed in another way.", error.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidDataException>(error.InnerException);
    }
}
