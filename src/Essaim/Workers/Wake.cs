using System.Threading.Channels;

namespace Essaim;

/// <summary>An automatic reset event that is awaited. It latches: a signal before the wait ends the wait at once. For one waiter.</summary>
internal sealed class Wake
{
    private readonly Channel<bool> _latch = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Signal() => _latch.Writer.TryWrite(true);

    /// <summary>True where a signal had come; it is taken.</summary>
    public bool TryTake() => _latch.Reader.TryRead(out _);

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _latch.Reader.ReadAsync(cancellationToken);
}
