using System.Security.Cryptography;

namespace Essaim;

/// <summary>What the stores share: ids, limits, pieces.</summary>
internal static class BlobContent
{
    /// <summary>
    /// What goes over the wire or into a row at once: on a slow link others get their turn in between. A little less than 256 KiB: with its header
    /// a piece of just that would take 320 of Redis' memory.
    /// </summary>
    public const int PieceBytes = 255 * 1024;

    private const int IdLength = 64;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    public static string IdOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static bool IsId(string text) => text.Length == IdLength && text.All(char.IsAsciiHexDigitLower);

    /// <summary>How many pieces; empty content has one.</summary>
    public static int PiecesOf(long size) => (int)Math.Max(1, (size + PieceBytes - 1) / PieceBytes);

    public static ReadOnlyMemory<byte> PieceOf(ReadOnlyMemory<byte> content, int piece)
    {
        int start = piece * PieceBytes;
        return content.Slice(start, Math.Min(PieceBytes, content.Length - start));
    }

    /// <exception cref="BlobException"><c>ESS6041</c>.</exception>
    public static void CheckSize(long size)
    {
        if (size > IBlobStore.MostBytes)
            throw BlobException.TooLarge("The content", size);
    }

    /// <summary>A time that is none is the caller's mistake; one without end is ten years.</summary>
    public static TimeSpan CheckKeep(TimeSpan keep)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(keep, TimeSpan.Zero);
        return keep < Longest ? keep : Longest;
    }

    public static bool IsWhole(string id, ReadOnlySpan<byte> content) => IdOf(content) == id;
}
