namespace Essaim.Redis;

/// <summary>
/// Finds the end of one reply in bytes that arrive in pieces. Remembers how far it has looked, so that a large reply is looked at once.
/// Knows RESP2 and RESP3; nothing else than <see cref="RedisProtocolException"/> comes of bytes that are neither.
/// </summary>
internal struct RespFraming
{
    /// <summary>Largest element and largest reply: what Redis itself allows for a string.</summary>
    public const long MostBytes = 512L * 1024 * 1024;

    private const long MostElements = 64L * 1024 * 1024;
    private const int LongestNumber = 32;
    private int _at;
    private long _elements;

    /// <summary>Forgets what it has seen; the next reply begins.</summary>
    public void Reset() => this = default;

    /// <summary>The length of the reply that begins <paramref name="bytes"/>, or -1 where more must come. Call again with the same bytes and more.</summary>
    /// <exception cref="RedisProtocolException">This is no reply.</exception>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        if (_at == 0 && _elements == 0)
            _elements = 1;
        while (_elements > 0)
        {
            if (!TryPass(bytes))
                return -1;
        }

        return _at;
    }

    private bool TryPass(ReadOnlySpan<byte> bytes)
    {
        if (_at >= bytes.Length)
            return false;
        ReadOnlySpan<byte> rest = bytes[(_at + 1)..];
        RespKind kind = (RespKind)bytes[_at];
        int line = rest.IndexOf((byte)'\r');
        bool isText = kind is RespKind.SimpleString or RespKind.Error or RespKind.BigNumber;
        if (line < 0)
        {
            Require(rest.Length <= (isText ? MostBytes : LongestNumber), kind, "its first line does not end");
            RequireKnown(kind);
            return false;
        }

        if (line + 1 >= rest.Length)
            return false;
        Require(rest[line + 1] == (byte)'\n', kind, "a carriage return without a line feed");
        int next = _at + 1 + line + 2;
        ReadOnlySpan<byte> text = rest[..line];
        switch (kind)
        {
            case RespKind.SimpleString or RespKind.Error or RespKind.BigNumber or RespKind.Null or RespKind.Double:
                break;
            case RespKind.Boolean:
                Require(text is [(byte)'t' or (byte)'f'], kind, "it is neither true nor false");
                break;
            case RespKind.Integer:
                Number(text, kind, long.MinValue, long.MaxValue);
                break;
            case RespKind.Bulk or RespKind.BulkError or RespKind.Verbatim:
                long length = Number(text, kind, -1, MostBytes);
                if (length >= 0)
                {
                    Require(kind != RespKind.Verbatim || length >= 4, kind, "no format before its text");
                    if (bytes.Length < next + length + 2)
                        return false;
                    next += (int)length;
                    Require(bytes[next] == (byte)'\r' && bytes[next + 1] == (byte)'\n', kind, "it is not as long as it says");
                    next += 2;
                }

                break;
            case RespKind.Array or RespKind.Set or RespKind.Push:
                Add(Math.Max(0, Number(text, kind, -1, MostElements)), kind);
                break;
            case RespKind.Map:
                Add(2 * Number(text, kind, 0, MostElements), kind);
                break;
            case RespKind.Attribute:
                // What it speaks of follows it.
                Add(2 * Number(text, kind, 0, MostElements) + 1, kind);
                break;
            default:
                RequireKnown(kind);
                break;
        }

        _elements--;
        _at = next;
        return true;
    }

    private void Add(long elements, RespKind kind)
    {
        _elements += elements;
        Require(_elements <= MostElements, kind, "it has more elements than any reply");
    }

    private static long Number(ReadOnlySpan<byte> text, RespKind kind, long least, long most)
    {
        bool read = System.Buffers.Text.Utf8Parser.TryParse(text, out long value, out int used) && used == text.Length;
        Require(read && value >= least && value <= most, kind, "its number is none");
        return value;
    }

    private static void RequireKnown(RespKind kind) => Require(Enum.IsDefined(kind), kind, "no reply begins so");

    private static void Require(bool holds, RespKind kind, string fault)
    {
        if (!holds)
        {
            throw new RedisProtocolException(
                $"What came is not Redis' protocol: an element that begins with byte {(byte)kind} ({fault}). Is there a Redis server behind this address, and TLS where it wants TLS (rediss://)?");
        }
    }
}
