using System.Security.Cryptography;

namespace Essaim;

/// <summary>
/// Random UUIDs (RFC 9562, version 4), as <see cref="Guid.NewGuid"/> makes them, but of random bytes fetched many at a time: a call of the
/// system for each costs a tenth of sending a message.
/// </summary>
internal static class NewIds
{
    private const int Length = 16;
    private const int FetchedAtOnce = 64;

    [ThreadStatic]
    private static byte[]? _bytes;

    [ThreadStatic]
    private static int _used;

    /// <summary>A new id, in lower case with hyphens.</summary>
    public static string Next()
    {
        if (_bytes is null || _used == _bytes.Length)
        {
            _bytes ??= new byte[Length * FetchedAtOnce];
            RandomNumberGenerator.Fill(_bytes);
            _used = 0;
        }

        Span<byte> bytes = _bytes.AsSpan(_used, Length);
        _used += Length;
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        string id = new Guid(bytes, bigEndian: true).ToString();
        bytes.Clear();
        return id;
    }
}
