using ICSharpCode.SharpZipLib.BZip2;

namespace Essaim.Protocol.Tests;

/// <summary>bzip2 as a user of the library registers it.</summary>
internal sealed class Bzip2 : IMessageCompressor
{
    public static void Register() => MessageCompression.Register("application/x-bz2", ["bzip2", "bzip"], new Bzip2());

    public Stream OpenCompressor(Stream destination) => new BZip2OutputStream(destination) { IsStreamOwner = false };

    public Stream OpenDecompressor(Stream source) => new BZip2InputStream(source);
}
