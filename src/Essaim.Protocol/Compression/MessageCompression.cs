using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Essaim.Protocol;

/// <summary>
/// The compressions message bodies may have, by mime name and short name. zlib (which Celery calls gzip) and brotli are always there;
/// others are refused by name until somebody registers them. Safe on all threads.
/// </summary>
public static class MessageCompression
{
    private static readonly ConcurrentDictionary<string, Entry> Known = new(StringComparer.OrdinalIgnoreCase);

    static MessageCompression()
    {
        Register("application/x-gzip", ["gzip", "zlib"], new ZlibCompressor());
        Register("application/x-brotli", ["brotli"], new BrotliCompressor());
    }

    /// <summary>Makes a compression known in the whole process; a name already known is replaced.</summary>
    /// <param name="mimeName">What stands in the header <c>compression</c>, such as <c>application/x-bz2</c>.</param>
    /// <param name="aliases">Short names users write, such as <c>bzip2</c>.</param>
    /// <param name="compressor">Does the work.</param>
    public static void Register(string mimeName, IReadOnlyList<string> aliases, IMessageCompressor compressor)
    {
        ArgumentException.ThrowIfNullOrEmpty(mimeName);
        Entry entry = new(mimeName, compressor);
        Known[mimeName] = entry;
        foreach (string alias in aliases)
            Known[alias] = entry;
    }

    /// <summary>True where <paramref name="name"/> (mime or short) can be written and read.</summary>
    public static bool IsKnown(string name) => Known.ContainsKey(name);

    internal static byte[] Compress(string name, ReadOnlySpan<byte> text, out string mimeName)
    {
        Entry entry = Find(name);
        mimeName = entry.MimeName;
        using MemoryStream destination = new(text.Length / 2 + 64);
        using (Stream compressor = entry.Compressor.OpenCompressor(destination))
            compressor.Write(text);
        // Works also where the compressor has closed what it wrote to.
        return destination.ToArray();
    }

    internal static byte[] Decompress(string name, ReadOnlyMemory<byte> bytes, int maxBytes)
    {
        Entry entry = Find(name);
        using Stream source = MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
        try
        {
            using Stream decompressor = entry.Compressor.OpenDecompressor(source);
            return BoundedRead.ToEnd(decompressor, maxBytes);
        }
        catch (Exception error) when (error is not MessageFormatException and not OutOfMemoryException)
        {
            // A registered decompressor may throw anything at bad data, and a consumer loop must survive all of it.
            throw new MessageFormatException(
                $"The body does not decompress as {entry.MimeName}: {error.Message} The sender's data is damaged or compressed in another way.",
                "body",
                inner: error);
        }
    }

    private static Entry Find(string name) => Known.TryGetValue(name, out Entry? entry)
        ? entry
        : throw new MessageFormatException(
            $"The message's compression is {name}, which is not known here. Send it without, with gzip or brotli, or register it (MessageCompression.Register).",
            "headers.compression");

    private sealed record Entry(string MimeName, IMessageCompressor Compressor);
}
