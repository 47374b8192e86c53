namespace Essaim.Cli;

/// <summary>What is kept of a log at once: few pieces, none of them large.</summary>
internal static class LogBatch
{
    private const int LargestPiece = 16 * 1024;

    /// <summary>Joins what one source wrote in a row, and cuts what is long.</summary>
    public static IEnumerable<TaskLogPiece> Merge(IEnumerable<TaskLogPiece> pieces)
    {
        TaskLogPiece? open = null;
        foreach (TaskLogPiece piece in pieces)
        {
            if (open is not null && open.Source == piece.Source && open.Bytes.Length + piece.Bytes.Length <= LargestPiece)
            {
                open = open with { Bytes = (byte[])[.. open.Bytes.Span, .. piece.Bytes.Span] };
                continue;
            }

            if (open is not null)
                yield return open;
            ReadOnlyMemory<byte> rest = piece.Bytes;
            for (; rest.Length > LargestPiece; rest = rest[LargestPiece..])
                yield return piece with { Bytes = rest[..LargestPiece] };
            open = rest.Length > 0 ? piece with { Bytes = rest } : null;
        }

        if (open is not null)
            yield return open;
    }
}
