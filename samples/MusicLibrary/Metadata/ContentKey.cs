using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MusicLibrary;

/// <summary>
/// Names a file by what is in it: its size and 64 KiB from its beginning, middle and end, hashed. Reading all of a large
/// collection only to name it would cost hours on a network disk.
/// </summary>
internal static class ContentKey
{
    private const int Sample = 64 * 1024;

    public static string Of(FileRef file)
    {
        using FileStream stream = new(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> size = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, stream.Length);
        hash.AppendData(size);
        byte[] buffer = new byte[Sample];
        long last = Math.Max(0, stream.Length - Sample);
        foreach (long position in (ReadOnlySpan<long>)[0, last / 2, last])
        {
            stream.Position = position;
            hash.AppendData(buffer, 0, stream.ReadAtLeast(buffer, Sample, throwOnEndOfStream: false));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
