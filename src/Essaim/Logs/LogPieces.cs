namespace Essaim;

/// <summary>What the stores of logs share.</summary>
internal static class LogPieces
{
    private const int LargestPiece = 64 * 1024;

    public static TimeSpan Check(TaskLogAppend append)
    {
        ArgumentException.ThrowIfNullOrEmpty(append.Mark);
        if (append.Pieces.FirstOrDefault(piece => piece.Bytes.Length is 0 or > LargestPiece) is { } wrong)
            throw new ArgumentException($"A piece of a log has 1 to {LargestPiece} bytes, not {wrong.Bytes.Length}.", nameof(append));
        return BlobContent.CheckKeep(append.Keep);
    }

    /// <summary>The piece without what lies before a place.</summary>
    public static TaskLogPiece From(TaskLogPiece piece, long from)
    {
        int seen = (int)Math.Clamp(from - piece.Offset, 0, piece.Bytes.Length);
        return seen == 0 ? piece : piece with { Offset = piece.Offset + seen, Bytes = piece.Bytes[seen..] };
    }
}
