namespace Essaim;

/// <summary>
/// Writes frames to a pipe on a thread of its own: <see cref="Write"/> never waits for the other side, and frames that come
/// while the pipe is being written go out together.
/// </summary>
internal sealed class FrameWriter : IDisposable
{
    private readonly object _gate = new();
    private readonly Stream _stream;
    private readonly int _mostPending;
    private readonly Thread _thread;
    private FrameBuffer _filling = new();
    private FrameBuffer _writing = new();
    private bool _isWriting;
    private long _batchesTaken;
    private long _batchesWritten;
    private int _waiting;
    private bool _closed;

    /// <param name="stream">The pipe.</param>
    /// <param name="mostPending">Bytes not yet written above which <see cref="Write"/> waits after all: a task that logs without end is slowed.</param>
    public FrameWriter(Stream stream, int mostPending = int.MaxValue)
    {
        _stream = stream;
        _mostPending = mostPending;
        _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "essaim channel writer" };
        _thread.Start();
    }

    /// <summary>Hands over a frame; after the end of the channel it is dropped.</summary>
    public void Write<TFrame>(in TFrame frame)
        where TFrame : IFrame
    {
        lock (_gate)
        {
            WaitWhile(writer => writer._filling.Length > writer._mostPending);
            if (_closed)
                return;
            _filling.PutFrame(frame);
            if (!_isWriting)
                Monitor.PulseAll(_gate);
        }
    }

    /// <summary>
    /// Returns once the frame, and all before it, is in the pipe: the end of this process cannot take it back. Written by the caller itself
    /// where nobody else writes just then.
    /// </summary>
    public void WriteThrough<TFrame>(in TFrame frame)
        where TFrame : IFrame
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _filling.PutFrame(frame);
            if (_isWriting)
            {
                long batch = _batchesTaken + 1;
                WaitWhile(writer => writer._batchesWritten < batch);
                return;
            }

            Take();
        }

        WriteTaken();
    }

    /// <summary>Writes what is left and ends the thread. The pipe stays open.</summary>
    public void Close(TimeSpan atMost)
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join(atMost);
    }

    /// <summary>Ends the thread without waiting for it.</summary>
    public void Dispose() => Close(TimeSpan.Zero);

    private void Run()
    {
        while (TakeFilled())
            WriteTaken();
        lock (_gate)
        {
            _filling.Dispose();
            _writing.Dispose();
        }
    }

    private bool TakeFilled()
    {
        lock (_gate)
        {
            while (_isWriting || _filling.Length == 0)
            {
                if (_closed && !_isWriting)
                    return false;
                Monitor.Wait(_gate);
            }

            Take();
            return true;
        }
    }

    private void Take()
    {
        (_filling, _writing) = (_writing, _filling);
        _isWriting = true;
        _batchesTaken++;
        if (_waiting > 0)
            Monitor.PulseAll(_gate);
    }

    private void WriteTaken()
    {
        bool lost = false;
        try
        {
            _stream.Write(_writing.Written);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The other side is gone; whoever reads the channel learns that from its end.
            lost = true;
        }

        lock (_gate)
        {
            _writing.Clear();
            _isWriting = false;
            _batchesWritten++;
            if (lost)
            {
                _closed = true;
                _filling.Clear();
            }

            if (_waiting > 0 || _closed || _filling.Length > 0)
                Monitor.PulseAll(_gate);
        }
    }

    private void WaitWhile(Func<FrameWriter, bool> condition)
    {
        if (!condition(this))
            return;
        _waiting++;
        while (condition(this) && !_closed)
            Monitor.Wait(_gate);
        _waiting--;
    }
}
