using System.Threading.Channels;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Runs handed-over tasks in order, one at a time, and reports over the channel.</summary>
internal sealed class ChildLoop : IDisposable
{
    // Slows a task that logs faster than the worker reads, instead of growing.
    private const int MostPendingBytes = 1024 * 1024;
    // As a shell tells of SIGTERM.
    private const int Terminated = 128 + 15;
    private static readonly TimeSpan FlushAtEnd = TimeSpan.FromSeconds(2);
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly ITaskRunner _runner;
    private readonly FrameWriter _writer;
    private readonly Channel<RunFrame> _queue = Channel.CreateUnbounded<RunFrame>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IdleTrimmer _trimmer;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, ChildTask> _running = [];
    private readonly Dictionary<long, CancelReason> _early = [];
    private readonly Dictionary<int, long> _begun = [];
    private ChildConsole? _console;
    private bool _ended;

    public ChildLoop(Stream input, Stream output, ITaskRunner runner)
    {
        _input = input;
        _output = output;
        _runner = runner;
        _writer = new FrameWriter(output, MostPendingBytes);
        _trimmer = new IdleTrimmer(IsIdle, IdleTrimmer.Trim, TimeProvider.System);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using ChildConsole console = new((task, level, line) => _writer.Write(new LogFrame(task?.Sequence ?? 0, level, line)));
        _console = console;
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
                    await RunOneAsync(run);
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

    private async Task RunOneAsync(RunFrame run)
    {
        ChildTask task = new(run.Sequence, _writer);
        lock (_gate)
        {
            // The worker may have gone between handing this over and now: nobody would stop it any more.
            if (_ended)
                return;
            _running.Add(run.Sequence, task);
            _begun[ChildLane.NumberOf(run.Sequence)] = run.Sequence;
            if (_early.Remove(run.Sequence, out CancelReason reason))
                task.Cancel(reason);
        }

        ChildTask.Current.Value = task;

        TaskOutcome outcome;
        try
        {
            TaskMessage message = MessageCodec.Decode(run.Envelope);
            outcome = await _runner.RunAsync(
                message, run.DeliveryCount, run.SoftTimeLimit, run.QueuePolicy, task, task.StopReason, _stopping.Token, task.Stop);
        }
        catch (MessageFormatException malformed)
        {
            // The worker has read this message before: the two are not the same program.
            outcome = new TaskOutcome { Kind = OutcomeKind.Failure, Error = ExceptionDocument.Of("DecodeError", malformed.Message, "kombu.exceptions") };
        }

        _trimmer.Worked();
        _console!.EndLines(task);
        ChildTask.Current.Value = null;
        lock (_gate)
            _running.Remove(run.Sequence);
        // Should the next task end this process, this one has ended all the same.
        _writer.WriteThrough(new OutcomeFrame(run.Sequence, outcome));
    }

    private bool IsIdle()
    {
        lock (_gate)
            return _running.Count == 0;
    }

    private void Cancel(CancelFrame cancel)
    {
        lock (_gate)
        {
            // On a busy machine a short limit can be over before the task is taken from the queue.
            if (_running.TryGetValue(cancel.Sequence, out ChildTask? task))
                task.Cancel(cancel.Reason);
            else if (cancel.Sequence > _begun.GetValueOrDefault(ChildLane.NumberOf(cancel.Sequence)))
                _early[cancel.Sequence] = cancel.Reason;
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
            busy = _running.Count > 0;
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
                RunFrame run = RunFrame.Read(ref payload);
                // What comes by a lane does not wait for the others.
                if (ChildLane.NumberOf(run.Sequence) == 0)
                    _queue.Writer.TryWrite(run);
                else
                    _ = Task.Run(() => RunOneAsync(run));
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
            case FrameKind.Terminate:
                // The task was asked before. The worker sees to it that nothing of the group stays behind.
                Posix.Exit(Terminated);
                break;
        }
    }
}
