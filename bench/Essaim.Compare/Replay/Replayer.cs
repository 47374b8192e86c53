using System.Net;
using System.Net.Sockets;

namespace Essaim.Compare;

/// <summary>
/// Sends a recording as a client that does nothing else: the same bytes on as many connections, each piece as soon as as many replies have come
/// as the worker had when it sent it. So as many commands are under way as were then, and none waits for a task, a thread or a decoder.
/// </summary>
internal sealed class Replayer : IDisposable
{
    private readonly Recording _recording;
    private readonly Line[] _lines;
    private readonly byte[] _buffer = new byte[1 << 18];

    public Replayer(Recording recording, int port)
    {
        _recording = recording;
        _lines = [.. recording.Connections.Select(connection => new Line(connection, port))];
    }

    /// <summary>Runs to the end of the recording. Blocks; throws where Redis is silent for ten seconds.</summary>
    public void Run()
    {
        foreach (RecordedPiece piece in _recording.Pieces)
        {
            for (int i = 0; i < piece.Heard.Length; i++)
                Await(_lines[i], piece.Heard[i]);
            Line line = _lines[piece.Connection];
            for (int sent = 0; sent < piece.Bytes.Length;)
                sent += line.Socket.Send(piece.Bytes.AsSpan(sent));
        }

        foreach (Line line in _lines)
            Await(line, line.Recorded.Received.Count);
    }

    /// <summary>How many replies were to the byte those of the recording, and how many there are; subscriptions are left out.</summary>
    public (long Same, long Total, long Errors) Compare()
    {
        long same = 0;
        long total = 0;
        foreach (Line line in _lines.Where(line => !line.Recorded.Subscribes))
        {
            using IEnumerator<ReadOnlyMemory<byte>> recorded = Elements(line.Recorded.Replies).GetEnumerator();
            foreach (ReadOnlyMemory<byte> reply in Elements(line.Replies))
            {
                if (!recorded.MoveNext())
                    break;
                total++;
                if (reply.Span.SequenceEqual(recorded.Current.Span))
                    same++;
            }
        }

        return (same, total, _lines.Sum(line => line.Scanner.Errors - line.Recorded.Received.Errors));
    }

    public void Dispose()
    {
        foreach (Line line in _lines)
            line.Socket.Dispose();
    }

    private void Await(Line line, long replies)
    {
        if (line.Recorded.Subscribes)
            return;
        while (line.Scanner.Count < replies)
        {
            int count;
            try
            {
                count = line.Socket.Receive(_buffer);
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                throw new InvalidOperationException(
                    $"The replay stopped: connection {line.Recorded.Index} had {line.Scanner.Count} replies when {replies} were due and Redis was silent. The recorded commands depend on something that was different this time.", error);
            }

            if (count == 0)
                throw new InvalidOperationException($"Redis closed connection {line.Recorded.Index} of the replay after {line.Scanner.Count} replies.");
            line.Scanner.Scan(_buffer.AsSpan(0, count));
            line.Replies.Add(_buffer[..count]);
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Elements(IReadOnlyList<byte[]> pieces)
    {
        byte[] all = new byte[pieces.Sum(piece => (long)piece.Length)];
        int at = 0;
        foreach (byte[] piece in pieces)
        {
            piece.CopyTo(all, at);
            at += piece.Length;
        }

        List<int> ends = [];
        new RespScanner().Scan(all, ends);
        int begin = 0;
        foreach (int end in ends)
        {
            yield return all.AsMemory(begin, end - begin);
            begin = end;
        }
    }

    private sealed class Line(RecordedConnection recorded, int port)
    {
        public RecordedConnection Recorded => recorded;

        public Socket Socket { get; } = Connect(port);

        public RespScanner Scanner { get; } = new();

        public List<byte[]> Replies { get; } = [];

        private static Socket Connect(int port)
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };
            socket.Connect(IPAddress.Loopback, port);
            return socket;
        }
    }
}
