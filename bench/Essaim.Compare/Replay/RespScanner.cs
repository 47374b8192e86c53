namespace Essaim.Compare;

/// <summary>Counts the whole commands or replies in a stream that arrives in pieces, and can tell where each ends.</summary>
internal sealed class RespScanner
{
    private readonly byte[] _line = new byte[64];
    private int _lineLength;
    private long _skip;
    private long _missing = 1;

    /// <summary>Whole elements so far.</summary>
    public long Count { get; private set; }

    /// <summary>Error replies among them (or within them).</summary>
    public long Errors { get; private set; }

    /// <param name="piece">The next bytes of the stream.</param>
    /// <param name="ends">Where given, the positions after each element that ends in <paramref name="piece"/> are added.</param>
    public void Scan(ReadOnlySpan<byte> piece, List<int>? ends = null)
    {
        int at = 0;
        while (at < piece.Length)
        {
            if (_skip > 0)
            {
                int step = (int)Math.Min(_skip, piece.Length - at);
                _skip -= step;
                at += step;
                if (_skip == 0)
                    EndIfWhole(at, ends);
                continue;
            }

            int end = piece[at..].IndexOf((byte)'\n');
            ReadOnlySpan<byte> part = end < 0 ? piece[at..] : piece.Slice(at, end + 1);
            // Only the head of a line matters; a long error text is cut.
            int kept = Math.Min(part.Length, _line.Length - _lineLength);
            part[..kept].CopyTo(_line.AsSpan(_lineLength));
            _lineLength += kept;
            at += part.Length;
            if (end < 0)
                return;
            TakeLine();
            if (_skip == 0)
                EndIfWhole(at, ends);
        }
    }

    private void TakeLine()
    {
        long number = Number(_line.AsSpan(1, _lineLength - 1));
        switch ((char)_line[0])
        {
            case '*' or '~' or '>':
                _missing += Math.Max(0, number) - 1;
                break;
            case '%':
                _missing += (2 * number) - 1;
                break;
            case '|':
                _missing += 2 * number;
                break;
            case '$' or '=' or '!':
                _missing--;
                _skip = number < 0 ? 0 : number + 2;
                break;
            case '-':
                Errors++;
                _missing--;
                break;
            default:
                _missing--;
                break;
        }

        _lineLength = 0;
    }

    private void EndIfWhole(int at, List<int>? ends)
    {
        if (_missing > 0)
            return;
        _missing = 1;
        Count++;
        ends?.Add(at);
    }

    private static long Number(ReadOnlySpan<byte> text)
    {
        long number = 0;
        bool negative = text.Length > 0 && text[0] == '-';
        foreach (byte digit in text[(negative ? 1 : 0)..])
        {
            if (digit is < (byte)'0' or > (byte)'9')
                break;
            number = (number * 10) + digit - '0';
        }

        return negative ? -number : number;
    }
}
