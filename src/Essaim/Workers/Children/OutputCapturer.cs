using System.IO.Pipes;

namespace Essaim;

/// <summary>
/// Turns a child process's stdout and stderr into lines, on one thread that ends with the channel: a program the task left
/// running elsewhere may hold stdout open for ever.
/// </summary>
internal sealed class OutputCapturer
{
    // What a task still writes while it is said to have ended; more is somebody else's.
    private const int MostReadsAtOnce = 64;
    private readonly Lock _gate = new();
    private readonly byte[] _bytes = new byte[4096];
    private readonly AnonymousPipeClientStream[] _streams;
    private readonly LineSplitter[] _lines;
    private readonly bool[] _ended = new bool[2];
    private readonly int _channel;
    private readonly Thread _thread;

    /// <param name="output">The child's stdout.</param>
    /// <param name="error">The child's stderr.</param>
    /// <param name="channel">The descriptor the worker reads frames from; its end ends the thread.</param>
    /// <param name="onLine">Level (<c>stdout</c>, <c>stderr</c>) and line.</param>
    public OutputCapturer(Stream output, Stream error, int channel, Action<string, string> onLine)
    {
        _streams = [(AnonymousPipeClientStream)output, (AnonymousPipeClientStream)error];
        _lines = [new LineSplitter(line => onLine("stdout", line)), new LineSplitter(line => onLine("stderr", line))];
        _channel = channel;
        _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "essaim child output" };
        _thread.Start();
    }

    /// <summary>Reads what was written so far, so that a task's last lines are still counted as its own.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            ReadAvailable();
            foreach (LineSplitter line in _lines)
                line.End();
        }
    }

    /// <summary>Waits for the thread, which ends with the channel.</summary>
    public void Join(TimeSpan atMost) => _thread.Join(atMost);

    private void Run()
    {
        Span<Posix.PollDescriptor> watched = stackalloc Posix.PollDescriptor[3];
        bool open = true;
        while (open)
        {
            Prepare(watched);
            // The channel is watched for its end alone.
            watched[2] = new Posix.PollDescriptor { Descriptor = _channel };
            Posix.Poll(watched, -1);
            open = watched[2].Returned == 0;
            lock (_gate)
                ReadAvailable();
        }

        Drain();
    }

    private void ReadAvailable()
    {
        Span<Posix.PollDescriptor> watched = stackalloc Posix.PollDescriptor[2];
        for (int reads = 0; reads < MostReadsAtOnce; reads++)
        {
            Prepare(watched);
            if (!Posix.Poll(watched, 0))
                return;
            for (int index = 0; index < 2; index++)
            {
                if (watched[index].Returned != 0)
                    Read(index);
            }
        }
    }

    private void Prepare(Span<Posix.PollDescriptor> watched)
    {
        for (int index = 0; index < 2; index++)
        {
            // A negative descriptor is one poll skips.
            int descriptor = _ended[index] ? -1 : _streams[index].SafePipeHandle.DangerousGetHandle().ToInt32();
            watched[index] = new Posix.PollDescriptor { Descriptor = descriptor, Events = Posix.PollIn };
        }
    }

    private void Read(int index)
    {
        int read = _streams[index].Read(_bytes);
        if (read > 0)
            _lines[index].Add(_bytes.AsSpan(0, read));
        else
            _ended[index] = true;
    }
}
