using System.Threading.Channels;

namespace Essaim.Edge;

/// <summary>Hands the messages of one connection to who wants them, in their order, one after the other, and holds a bounded number till then.</summary>
/// <param name="options">The bounds.</param>
/// <param name="handle">Gets each message; its exceptions end nothing.</param>
/// <param name="onFault">Is told them.</param>
internal sealed class MqttReceiver(MqttOptions options, Func<MqttMessage, ValueTask> handle, Action<MqttMessage, Exception> onFault)
{
    private const int ReceiveBuffersForQos1 = 4;

    // Bounded by what Accept takes, not by the channel: the reader must never wait for a handler, which may itself wait for an acknowledgement.
    private readonly Channel<(MqttMessage Message, ushort Id)> _messages =
        Channel.CreateUnbounded<(MqttMessage Message, ushort Id)>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private int _unacknowledged;
    private int _bytes;
    private long _dropped;

    /// <summary>QoS 0 messages that found the buffer full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Takes a message off the network.</summary>
    /// <exception cref="MqttException">The broker brings QoS 1 messages without end, whatever it was told.</exception>
    public void Accept(MqttMessage message, ushort id)
    {
        int waiting = Volatile.Read(ref _bytes);
        int size = message.Payload.Length;
        if (id == 0 && waiting > 0 && waiting + size > options.ReceiveBuffer)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        // Mosquitto 2.0.11 goes past the receive maximum it was told, and 3.1.1 knows none: a buffer takes what is too much. Beyond that, to give
        // the connection up is better than to lose a message unseen.
        if (id != 0 && (_unacknowledged >= options.ReceiveLimit || (waiting > 0 && waiting + size > ReceiveBuffersForQos1 * options.ReceiveBuffer)))
            throw MqttException.Lost(options.Address, "it brought more messages than are handled", MqttReason.ReceiveMaximumExceeded);
        if (id != 0)
            Interlocked.Increment(ref _unacknowledged);
        Interlocked.Add(ref _bytes, size);
        _messages.Writer.TryWrite((message, id));
    }

    /// <summary>No more will come; what is here is still handed on.</summary>
    public void Complete() => _messages.Writer.TryComplete();

    /// <summary>Hands on until the connection has ended and nothing is left.</summary>
    public async Task RunAsync(MqttConnection connection)
    {
        await foreach ((MqttMessage message, ushort id) in _messages.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await handle(message);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                onFault(message, error);
            }

            Interlocked.Add(ref _bytes, -message.Payload.Length);
            if (id == 0)
                continue;
            Interlocked.Decrement(ref _unacknowledged);
            connection.Acknowledge(id);
        }
    }
}
