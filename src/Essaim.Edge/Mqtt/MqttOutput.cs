using System.Buffers;

namespace Essaim.Edge;

/// <summary>
/// What waits for the network: packets of all callers, as many in one write as have gathered while the last was under way. Its members are
/// used under the gate it is given.
/// </summary>
internal sealed class MqttOutput
{
    private const int KeptBuffer = 64 * 1024;
    private readonly Stream _stream;
    private readonly Lock _gate;
    private readonly int _bound;
    private readonly Action _onRoom;
    private readonly Action<Exception> _onFault;
    private readonly CancellationToken _closing;
    private ArrayBufferWriter<byte> _gathering = new(1024);
    private ArrayBufferWriter<byte> _writing = new(1024);
    private TaskCompletionSource? _drained;
    private bool _isFlushing;

    /// <param name="stream">Where it goes.</param>
    /// <param name="gate">Held by whoever uses this.</param>
    /// <param name="bound">Bytes above which messages wait.</param>
    /// <param name="onRoom">Called under the gate when bytes have left.</param>
    /// <param name="onFault">Called when the network does not take them.</param>
    /// <param name="closing">Ends the writing.</param>
    public MqttOutput(Stream stream, Lock gate, int bound, Action onRoom, Action<Exception> onFault, CancellationToken closing)
    {
        (_stream, _gate, _bound, _onRoom, _onFault, _closing) = (stream, gate, bound, onRoom, onFault, closing);
    }

    /// <summary>Where packets are written; <see cref="Flush"/> then sends them.</summary>
    public ArrayBufferWriter<byte> Gathering => _gathering;

    /// <summary>There is room for so many bytes. A packet larger than all of the room finds it when nothing waits.</summary>
    public bool HasRoom(int size)
    {
        int waiting = _gathering.WrittenCount + _writing.WrittenCount;
        return waiting == 0 || waiting + size <= _bound;
    }

    public void Flush()
    {
        if (_isFlushing)
            return;
        _isFlushing = true;
        ThreadPool.UnsafeQueueUserWorkItem(static output => _ = output.WriteAsync(), this, preferLocal: false);
    }

    /// <summary>Ends when all that was written so far has left.</summary>
    public Task DrainAsync()
    {
        if (!_isFlushing)
            return Task.CompletedTask;
        _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _drained.Task;
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_gathering.WrittenCount == 0)
                    {
                        _isFlushing = false;
                        _drained?.TrySetResult();
                        _drained = null;
                        return;
                    }

                    (_gathering, _writing) = (_writing, _gathering);
                }

                await _stream.WriteAsync(_writing.WrittenMemory, _closing);
                lock (_gate)
                {
                    if (_writing.Capacity > KeptBuffer)
                        _writing = new ArrayBufferWriter<byte>(1024);
                    else
                        _writing.ResetWrittenCount();
                    _onRoom();
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException or System.Net.Sockets.SocketException)
        {
            _onFault(error);
        }
    }
}
