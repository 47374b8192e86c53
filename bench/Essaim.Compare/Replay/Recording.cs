using System.Text;

namespace Essaim.Compare;

/// <summary>What a worker sent to Redis, piece by piece, and what it had heard back each time.</summary>
internal sealed class Recording
{
    private readonly Lock _gate = new();
    private readonly List<RecordedConnection> _connections = [];
    private readonly List<RecordedPiece> _pieces = [];
    private bool _ended;

    public IReadOnlyList<RecordedConnection> Connections => _connections;

    public IReadOnlyList<RecordedPiece> Pieces => _pieces;

    public long Commands => _connections.Sum(connection => connection.Sent.Count);

    public long Bytes => _pieces.Sum(piece => (long)piece.Bytes.Length);

    public RecordedConnection Open()
    {
        lock (_gate)
        {
            RecordedConnection connection = new(_connections.Count);
            _connections.Add(connection);
            return connection;
        }
    }

    /// <summary>The worker has sent this.</summary>
    public void Send(RecordedConnection connection, byte[] bytes)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            connection.Sent.Scan(bytes);
            connection.Subscribes |= Encoding.ASCII.GetString(bytes).Contains("SUBSCRIBE\r\n", StringComparison.OrdinalIgnoreCase);
            _pieces.Add(new RecordedPiece(connection.Index, bytes, [.. _connections.Select(other => other.Received.Count)]));
        }
    }

    /// <summary>Redis has answered this.</summary>
    public void Receive(RecordedConnection connection, byte[] bytes)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            connection.Received.Scan(bytes);
            connection.Replies.Add(bytes);
        }
    }

    public void End()
    {
        lock (_gate)
            _ended = true;
    }
}

/// <summary>One connection of the worker.</summary>
internal sealed class RecordedConnection(int index)
{
    public int Index => index;

    public RespScanner Sent { get; } = new();

    public RespScanner Received { get; } = new();

    public List<byte[]> Replies { get; } = [];

    /// <summary>Messages come on it without being asked for: nothing waits for their number.</summary>
    public bool Subscribes { get; set; }
}

/// <summary>Bytes that were sent at once.</summary>
/// <param name="Connection">On which connection.</param>
/// <param name="Bytes">What.</param>
/// <param name="Heard">How many replies had come on each connection by then.</param>
internal sealed record RecordedPiece(int Connection, byte[] Bytes, long[] Heard);
