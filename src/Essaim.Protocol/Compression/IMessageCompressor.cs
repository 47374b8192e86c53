namespace Essaim.Protocol;

/// <summary>One way of compressing message bodies. Must be safe on all threads.</summary>
public interface IMessageCompressor
{
    /// <summary>Opens a stream that compresses what is written to it into <paramref name="destination"/>; disposing it writes the rest.</summary>
    Stream OpenCompressor(Stream destination);

    /// <summary>Opens a stream that reads <paramref name="source"/> decompressed. Whatever it throws on bad data refuses the message.</summary>
    Stream OpenDecompressor(Stream source);
}
