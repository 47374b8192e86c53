using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Essaim.Redis;

/// <summary>
/// One command as it goes over the wire: an array of bulk strings, written into a pooled buffer as it is put together.
/// Made by one caller; whoever sends it disposes it. Not safe for several threads.
/// </summary>
internal sealed class RespCommand : IDisposable
{
    // Room before the arguments for "*COUNT\r\n", which is known last.
    private const int HeaderRoom = 16;
    private byte[] _buffer;
    private int _end = HeaderRoom;
    private int _count;

    /// <summary>Begins a command.</summary>
    /// <param name="name">Its name; one word.</param>
    /// <param name="idempotent">
    /// True where doing it twice is as good as once, so that it may be sent again when the connection was lost before its reply came.
    /// </param>
    /// <param name="sizeHint">Bytes to make room for.</param>
    public RespCommand(string name, bool idempotent = false, int sizeHint = 256)
    {
        Name = name;
        IsIdempotent = idempotent;
        _buffer = ArrayPool<byte>.Shared.Rent(HeaderRoom + sizeHint);
        Add(name);
    }

    /// <summary>For error texts and logs; arguments may be secret and are never shown.</summary>
    public string Name { get; }

    public bool IsIdempotent { get; }

    /// <summary>See <see cref="RedisConnection.SendAsync"/>. Default false.</summary>
    public bool GoesOnHere { get; set; }

    /// <summary>Arguments so far, the name included.</summary>
    public int Count => _count;

    /// <summary>Adds text as UTF-8.</summary>
    public RespCommand Add(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Span<byte> room = Begin(length);
        Encoding.UTF8.GetBytes(text, room);
        return End(length);
    }

    public RespCommand Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Begin(bytes.Length));
        return End(bytes.Length);
    }

    public RespCommand Add(ReadOnlyMemory<byte> bytes) => Add(bytes.Span);

    public RespCommand Add(long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int length);
        return Add(digits[..length]);
    }

    /// <summary>Adds text made of two pieces.</summary>
    public RespCommand Add(string start, string rest)
    {
        int length = Encoding.UTF8.GetByteCount(start) + Encoding.UTF8.GetByteCount(rest);
        Span<byte> room = Begin(length);
        int written = Encoding.UTF8.GetBytes(start, room);
        Encoding.UTF8.GetBytes(rest, room[written..]);
        return End(length);
    }

    /// <summary>Adds how many arguments another command has beside its name, then those arguments.</summary>
    public RespCommand AddAll(RespCommand other)
    {
        Add(other._count - 1);
        int name = HeaderRoom + EncodedLength(other.Name);
        int length = other._end - name;
        if (_end + length > _buffer.Length)
            Grow(_end + length);
        other._buffer.AsSpan(name, length).CopyTo(_buffer.AsSpan(_end));
        _end += length;
        _count += other._count - 1;
        return this;
    }

    /// <summary>The whole command. Valid until something is added or it is disposed.</summary>
    public ReadOnlyMemory<byte> Encode()
    {
        Span<byte> header = stackalloc byte[HeaderRoom];
        header[0] = (byte)'*';
        Utf8Formatter.TryFormat(_count, header[1..], out int digits);
        header[digits + 1] = (byte)'\r';
        header[digits + 2] = (byte)'\n';
        int start = HeaderRoom - digits - 3;
        header[..(digits + 3)].CopyTo(_buffer.AsSpan(start));
        return _buffer.AsMemory(start, _end - start);
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private static int EncodedLength(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        int digits = 1;
        for (int rest = length; rest >= 10; rest /= 10)
            digits++;
        return 1 + digits + 2 + length + 2;
    }

    private Span<byte> Begin(int length)
    {
        // "$LENGTH\r\n" + bytes + "\r\n"
        int most = _end + length + 16;
        if (most > _buffer.Length)
            Grow(most);
        _buffer[_end++] = (byte)'$';
        Utf8Formatter.TryFormat(length, _buffer.AsSpan(_end), out int digits);
        _end += digits;
        _buffer[_end++] = (byte)'\r';
        _buffer[_end++] = (byte)'\n';
        return _buffer.AsSpan(_end, length);
    }

    private RespCommand End(int length)
    {
        _end += length;
        _buffer[_end++] = (byte)'\r';
        _buffer[_end++] = (byte)'\n';
        _count++;
        return this;
    }

    private void Grow(int least)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(least, _buffer.Length * 2));
        _buffer.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
