using System.Threading.Channels;

namespace Essaim.Redis;

/// <summary>Messages between the connection's reader and one listener. Adding never waits; what is too much is dropped and counted.</summary>
internal sealed class EventInbox(int capacity)
{
    private readonly Channel<ReadOnlyMemory<byte>> _messages = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(capacity) { SingleReader = true });

    private long _dropped;
    private long _malformed;

    public void Add(ReadOnlyMemory<byte> message)
    {
        if (!_messages.Writer.TryWrite(message))
            Interlocked.Increment(ref _dropped);
    }

    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAllAsync(CancellationToken cancellationToken) => _messages.Reader.ReadAllAsync(cancellationToken);

    /// <summary>How many were dropped since the last call.</summary>
    public long TakeDropped() => Interlocked.Exchange(ref _dropped, 0);

    /// <summary>Counts messages that could not be read; returns all so far.</summary>
    public long CountMalformed(int count) => _malformed += count;
}
