using System.Buffers;

namespace Essaim.Protocol;

/// <summary>Reads a stream to its end and gives up as soon as it is longer than allowed: a small message may unpack to gigabytes.</summary>
internal static class BoundedRead
{
    private const int FirstBytes = 4096;

    public static byte[] ToEnd(Stream stream, int maxBytes)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        try
        {
            int length = 0;
            while (stream.Read(buffer, length, buffer.Length - length) is int read and > 0)
            {
                length += read;
                if (length > maxBytes)
                    throw MessageBody.TooLarge(length, maxBytes);
                if (length == buffer.Length)
                    buffer = Grow(buffer, length);
            }

            return buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] full, int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(length * 2);
        full.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
