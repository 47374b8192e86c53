using System.IO.Compression;

namespace Essaim.Protocol;

/// <summary>Brotli, which the framework has.</summary>
internal sealed class BrotliCompressor : IMessageCompressor
{
    public Stream OpenCompressor(Stream destination) => new BrotliStream(destination, CompressionLevel.Optimal, leaveOpen: true);

    public Stream OpenDecompressor(Stream source) => new BrotliStream(source, CompressionMode.Decompress);
}
