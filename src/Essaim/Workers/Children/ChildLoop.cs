using System.Threading.Channels;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Runs handed-over tasks in order, one at a time, and reports over the channel.</summary>
internal sealed class ChildLoop : IDisposable
{
    // Slows a task that logs faster than the worker reads, instead of growing.
    private const int MostPendingBytes = 1024 * 1024;
    private static readonly TimeSpan FlushAtEnd = TimeSpan.FromSeconds(2);
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly ITaskRunner _runner;
    private readonly FrameWriter _writer;
    private readonly Channel<RunFrame> _queue = Channel.CreateUnbounded<RunFrame>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IdleTrimmer _trimmer;
    private readonly Lock _gate = new();
    private ChildTask? _running;
    private CancelFrame? _early;
    private bool _ended;

    public ChildLoop(Stream input, Stream output, ITaskRunner runner)
    {
        _input = input;
        _output = output;
        _runner = runner;
        _writer = new FrameWriter(output, MostPendingBytes);
        _trimmer = new IdleTrimmer(() => Volatile.Read(ref _running) is null, IdleTrimmer.Trim, TimeProvider.System);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using ChildConsole console = new((level, line) => _writer.Write(new LogFrame(Volatile.Read(ref _running)?.Sequence ?? 0, level, line)));
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _writer.Write(new HelloFrame(Environment.ProcessId, Environment.WorkingSet));
        Thread reader = new(() => Listen(end), 256 * 1024) { IsBackground = true, Name = "essaim channel reader" };
        reader.Start();
        Task trimming = _trimmer.RunAsync(end.Token);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(end.Token))
            {
                while (_queue.Reader.TryRead(out RunFrame run))
                    await RunOneAsync(run, console);
            }
        }
        catch (OperationCanceledException)
        {
            // The channel has ended, or the caller wants out.
        }

        _writer.Close(FlushAtEnd);
        await trimming;
    }

    public void Dispose()
    {
        _writer.Dispose();
        _input.Dispose();
        _output.Dispose();
        _stopping.Dispose();
    }

    private async ValueTask RunOneAsync(RunFrame run, ChildConsole console)
    {
        ChildTask task = new(run.Sequence, _writer);
        lock (_gate)
        {
            // The worker may have gone between handing this over and now: nobody would stop it any more.
            if (_ended)
                return;
            _running = task;
            if (_early is { } early && early.Sequence == run.Sequence)
                task.Cancel(early.Reason);
        }

        TaskOutcome outcome;
        try
        {
            TaskMessage message = MessageCodec.Decode(run.Envelope);
            outcome = await _runner.RunAsync(
                message, run.DeliveryCount, run.SoftTimeLimit, task, task.StopReason, _stopping.Token, task.Stop);
        }
        catch (MessageFormatException malformed)
        {
            // The worker has read this message before: the two are not the same program.
            outcome = new TaskOutcome { Kind = OutcomeKind.Failure, Error = ExceptionDocument.Of("DecodeError", malformed.Message, "kombu.exceptions") };
        }

        _trimmer.Worked();
        console.EndLine();
        Volatile.Write(ref _running, null);
        // Should the next task end this process, this one has ended all the same.
        _writer.WriteThrough(new OutcomeFrame(run.Sequence, outcome));
    }

    private void Cancel(CancelFrame cancel)
    {
        lock (_gate)
        {
            // On a busy machine a short limit can be over before the task is taken from the queue.
            if (_running is { } task && task.Sequence == cancel.Sequence)
                task.Cancel(cancel.Reason);
            else
                _early = cancel;
        }
    }

    private void Listen(CancellationTokenSource end)
    {
        using FrameReader frames = new(_input);
        try
        {
            while (frames.TryRead(out FrameKind kind, out ReadOnlySpan<byte> payload))
                Handle(kind, new FrameCursor(payload));
        }
        catch (Exception lost) when (lost is IOException or InvalidDataException or ObjectDisposedException)
        {
            // As good as the end of the channel.
        }

        // The worker is gone. A running task would be run again elsewhere: it and all it started end here, at once.
        bool busy;
        lock (_gate)
        {
            _ended = true;
            busy = _running is not null;
        }

        if (busy)
            Posix.KillOwnGroup();
        end.Cancel();
    }

    private void Handle(FrameKind kind, FrameCursor payload)
    {
        switch (kind)
        {
            case FrameKind.Run:
                _queue.Writer.TryWrite(RunFrame.Read(ref payload));
                break;
            case FrameKind.Recall:
                int count = 0;
                while (_queue.Reader.TryRead(out _))
                    count++;
                _writer.Write(new RecalledFrame(count));
                break;
            case FrameKind.Cancel:
                CancelFrame cancel = CancelFrame.Read(ref payload);
                Cancel(cancel);
                break;
            case FrameKind.Stopping:
                _ = _stopping.CancelAsync();
                break;
        }
    }
}
