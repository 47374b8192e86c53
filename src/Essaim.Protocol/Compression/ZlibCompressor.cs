using System.IO.Compression;

namespace Essaim.Protocol;

/// <summary>What Celery calls gzip: a zlib stream (RFC 1950), never a gzip file.</summary>
internal sealed class ZlibCompressor : IMessageCompressor
{
    public Stream OpenCompressor(Stream destination) => new ZLibStream(destination, CompressionLevel.Optimal, leaveOpen: true);

    public Stream OpenDecompressor(Stream source) => new ZLibStream(source, CompressionMode.Decompress);
}
