using System.Buffers.Text;
using System.Text;

namespace Essaim.Redis;

/// <summary>What one element of a reply is, by its first byte on the wire.</summary>
internal enum RespKind : byte
{
    SimpleString = (byte)'+',
    Error = (byte)'-',
    Integer = (byte)':',
    Bulk = (byte)'$',
    Array = (byte)'*',
    Null = (byte)'_',
    Double = (byte)',',
    Boolean = (byte)'#',
    BigNumber = (byte)'(',
    BulkError = (byte)'!',
    Verbatim = (byte)'=',
    Map = (byte)'%',
    Set = (byte)'~',
    Push = (byte)'>',
    Attribute = (byte)'|',
}

/// <summary>
/// A whole reply as its bytes, in an array of its own; read with <see cref="RespReader"/>. What a reader hands out are slices of it, so
/// nothing is allocated for an element. It is complete and well formed: the connection has seen to that.
/// </summary>
internal readonly struct RespReply(ReadOnlyMemory<byte> bytes)
{
    public ReadOnlyMemory<byte> Bytes => bytes;

    public RespKind Kind => (RespKind)bytes.Span[0];

    public RespReader Read() => new(bytes);

    public bool IsNull => Read().PeekIsNull();

    /// <summary>False for an error.</summary>
    public bool IsGood => Kind is not (RespKind.Error or RespKind.BulkError);

    public long AsInteger() => Read().ReadInteger();

    /// <summary>The text of a simple or bulk string, an integer or a double; null for null.</summary>
    public string? AsText() => Read().ReadText();

    /// <summary>The bytes of a bulk or simple string; null for null.</summary>
    public ReadOnlyMemory<byte>? AsBytes() => Read().ReadBytes();

    /// <summary>Texts of an array of strings.</summary>
    public string[] AsTexts()
    {
        RespReader reader = Read();
        int count = reader.ReadArray();
        string[] texts = new string[Math.Max(0, count)];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = reader.ReadText() ?? "";
        return texts;
    }
}

/// <summary>Goes through a reply from its first element to its last. RESP2 and RESP3 nulls, maps and sets read alike.</summary>
internal struct RespReader(ReadOnlyMemory<byte> bytes)
{
    private readonly ReadOnlyMemory<byte> _bytes = bytes;
    private int _at;

    public readonly bool IsAtEnd => _at >= _bytes.Length;

    public readonly RespKind Peek() => (RespKind)_bytes.Span[_at];

    public readonly bool PeekIsNull() => _bytes.Span[_at] switch
    {
        (byte)'_' => true,
        (byte)'$' or (byte)'*' => _bytes.Span[_at + 1] == (byte)'-',
        _ => false,
    };

    /// <summary>Enters an array, set, push, or map (which counts keys and values). Returns its length, -1 for null.</summary>
    public int ReadArray()
    {
        RespKind kind = Peek();
        ReadOnlySpan<byte> line = ReadLine();
        if (kind == RespKind.Null)
            return -1;
        int count = (int)Number(line);
        return kind switch
        {
            RespKind.Array or RespKind.Set or RespKind.Push => count,
            RespKind.Map => count * 2,
            _ => throw Wrong(kind, "a list"),
        };
    }

    public long ReadInteger()
    {
        RespKind kind = Peek();
        if (kind is RespKind.Integer or RespKind.Boolean)
        {
            ReadOnlySpan<byte> line = ReadLine();
            return kind == RespKind.Boolean ? line[0] == (byte)'t' ? 1 : 0 : Number(line);
        }

        ReadOnlyMemory<byte>? text = ReadBytes();
        return text is { } digits && Utf8Parser.TryParse(digits.Span, out long value, out int used) && used == digits.Length
            ? value
            : throw Wrong(kind, "a number");
    }

    /// <summary>Bytes of a string (or of a number's text); null for null. A slice of the reply.</summary>
    public ReadOnlyMemory<byte>? ReadBytes()
    {
        RespKind kind = Peek();
        switch (kind)
        {
            case RespKind.Bulk or RespKind.Verbatim or RespKind.BulkError:
                int length = (int)Number(ReadLine());
                if (length < 0)
                    return null;
                ReadOnlyMemory<byte> found = _bytes.Slice(_at, length);
                _at += length + 2;
                return kind == RespKind.Verbatim ? found[4..] : found;
            case RespKind.Null:
                ReadLine();
                return null;
            case RespKind.Array or RespKind.Map or RespKind.Set or RespKind.Push:
                if (PeekIsNull())
                {
                    ReadLine();
                    return null;
                }

                throw Wrong(kind, "text");
            default:
                int start = _at + 1;
                int taken = ReadLine().Length;
                return _bytes.Slice(start, taken);
        }
    }

    public string? ReadText() => ReadBytes() is { } found ? Encoding.UTF8.GetString(found.Span) : null;

    /// <summary>A whole list of integers.</summary>
    public long[] ReadIntegers()
    {
        int count = ReadArray();
        if (count <= 0)
            return [];
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++)
            numbers[i] = ReadInteger();
        return numbers;
    }

    /// <summary>Passes over one element with all that is in it.</summary>
    public void Skip()
    {
        for (long left = 1; left > 0; left--)
        {
            switch (Peek())
            {
                case RespKind.Array or RespKind.Set or RespKind.Push or RespKind.Map:
                    left += Math.Max(0, ReadArray());
                    break;
                case RespKind.Attribute:
                    // Its keys and values, and what it speaks of.
                    left += (2 * Number(ReadLine())) + 1;
                    break;
                default:
                    ReadBytes();
                    break;
            }
        }
    }

    private ReadOnlySpan<byte> ReadLine()
    {
        ReadOnlySpan<byte> rest = _bytes.Span[(_at + 1)..];
        int end = rest.IndexOf((byte)'\r');
        _at += end + 3;
        return rest[..end];
    }

    private static long Number(ReadOnlySpan<byte> line) => Utf8Parser.TryParse(line, out long value, out _) ? value : 0;

    private static InvalidOperationException Wrong(RespKind kind, string wanted) =>
        new($"Redis answered with {kind} where {wanted} was expected. Is the server a proxy that changes replies?");
}
