using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Essaim.Compare;

/// <summary>
/// A connection that writes bytes and reads replies, and no more: it fills queues and looks at counters without being one of the contenders.
/// One caller at a time.
/// </summary>
internal sealed class RawRedis : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _next;
    private int _end;

    private RawRedis(Socket socket) => _socket = socket;

    public static RawRedis Connect(int port)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return new RawRedis(socket);
    }

    /// <summary>Sends one command and reads its reply: null, a <see cref="long"/>, a <see cref="string"/>, or an array of these.</summary>
    public object? Send(params string[] words)
    {
        Write(Command(words));
        return ReadReply();
    }

    public long Number(params string[] words) => Send(words) is long number ? number : 0;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[_socket.Send(bytes)..];
    }

    public object? ReadReply()
    {
        string line = ReadLine();
        string rest = line[1..];
        switch (line[0])
        {
            case '+':
                return rest;
            case '-':
                throw new InvalidOperationException($"Redis refused a command of the benchmark: {rest}");
            case ':':
                return long.Parse(rest, CultureInfo.InvariantCulture);
            case '$':
                int length = int.Parse(rest, CultureInfo.InvariantCulture);
                return length < 0 ? null : ReadText(length);
            case '*':
                int count = int.Parse(rest, CultureInfo.InvariantCulture);
                object?[] items = new object?[Math.Max(0, count)];
                for (int i = 0; i < items.Length; i++)
                    items[i] = ReadReply();
                return items;
            default:
                throw new InvalidOperationException($"Redis sent something that is no RESP2 reply: {line}");
        }
    }

    public static byte[] Command(params string[] words)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
        foreach (string word in words)
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public void Dispose() => _socket.Dispose();

    private string ReadLine()
    {
        StringBuilder line = new();
        for (byte value = ReadByte(); value != '\r'; value = ReadByte())
            line.Append((char)value);
        ReadByte();
        return line.ToString();
    }

    private string ReadText(int length)
    {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++)
            text[i] = ReadByte();
        ReadByte();
        ReadByte();
        return Encoding.UTF8.GetString(text);
    }

    private byte ReadByte()
    {
        if (_next == _end)
        {
            _end = _socket.Receive(_buffer);
            _next = 0;
            if (_end == 0)
                throw new InvalidOperationException("Redis closed the benchmark's own connection. Its log stands in the folder of the run.");
        }

        return _buffer[_next++];
    }
}
