using System.Text;

namespace Essaim;

/// <summary>Runs tasks in a child process: it can be killed, it can leak, and it can crash, alone.</summary>
internal sealed class ChildProcessExecutor : IExecutor
{
    // A child with so many tasks in hand does not wait for us: its outcomes may gather, because to be woken for each costs more than a short task.
    private const int BusyWith = 8;
    private const int NapMicroseconds = 150;
    private const string KilledOutright = "crash(SIGKILL)";
    private static readonly TimeSpan EndAtMost = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskAtMost = TimeSpan.FromMilliseconds(200);
    private readonly ChildProcess _process;
    private readonly ChildLimits _limits;
    private readonly MemoryCage? _cage;
    private readonly TimeProvider _time;
    private readonly IExecutorListener _listener;
    private readonly FrameWriter _writer;
    private readonly OutputCapturer _output;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Queue<(long Sequence, ExecutionRequest Request)> _handedOver = new();
    private readonly List<ChildLane> _lanes = [];
    private readonly StringBuilder _lastWords = new();
    private long _sequence;
    private int _inHand;
    private volatile bool _caged;
    private EndCause? _cause;
    private volatile bool _lost;

    private ChildProcessExecutor(ChildProcess process, ChildLimits limits, IExecutorListener listener, TimeProvider time)
    {
        _process = process;
        _limits = limits;
        _listener = listener;
        _time = time;
        // Its limit is set when its size is known: a child is not to die of a limit before it can be told that the limit is too small.
        _cage = limits.Cages?.TryMake();
        _caged = _cage?.TryAdmit(process.Id) == true;
        OomKills.Note();
        _writer = new FrameWriter(process.Input);
        _output = new OutputCapturer(process.StandardOutput, process.StandardError, process.OutputDescriptor, OnOutputLine);
        new Thread(Listen, 512 * 1024) { IsBackground = true, Name = "essaim channel reader" }.Start();
    }

    public int ProcessId => _process.Id;

    public int QueueLimit => 64;

    public TimeSpan AskGrace => _limits.KillGrace < AskAtMost ? _limits.KillGrace : AskAtMost;

    public bool EndsWhole => true;

    public long StartUpBytes { get; private set; }

    public bool IsLost => _lost;

    /// <summary>Starts a child and waits until it can run tasks.</summary>
    /// <exception cref="ChildStartException">It ended before it could, or took longer than <paramref name="atMost"/>.</exception>
    /// <exception cref="WorkerException"><c>ESS3003</c> it is larger than it may be before its first task.</exception>
    public static async Task<ChildProcessExecutor> StartAsync(
        ChildLaunch launch, ChildLimits limits, IExecutorListener listener, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        ChildProcess process;
        try
        {
            process = ChildProcess.Start(launch);
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new ChildStartException($"The program '{launch.File}' could not be started: {failure.Message}.", failure);
        }

        ChildProcessExecutor executor = new(process, limits, listener, time);
        try
        {
            await executor._ready.Task.WaitAsync(atMost, time, cancellationToken);
            limits.Check(executor.StartUpBytes);
            executor._caged = executor._caged && executor._cage!.TryLimit(limits.HardMemory!.Value);
            return executor;
        }
        catch (Exception failure) when (failure is TimeoutException or OperationCanceledException or WorkerException)
        {
            await executor.DisposeAsync();
            if (failure is not TimeoutException)
                throw;
            throw new ChildStartException($"The child process {process.Id} was not ready after {atMost.TotalSeconds:0} s and was killed.", failure);
        }
    }

    public void Run(ExecutionRequest request)
    {
        long sequence;
        lock (_gate)
        {
            sequence = ++_sequence;
            _handedOver.Enqueue((sequence, request));
            _inHand = _handedOver.Count;
        }

        Run(sequence, request);
    }

    public IExecutor OpenLane(IExecutorListener other)
    {
        lock (_gate)
        {
            ChildLane lane = new(this, _lanes.Count + 1, other);
            _lanes.Add(lane);
            return lane;
        }
    }

    public void Recall() => _writer.Write(new BareFrame(FrameKind.Recall));

    public void Cancel(ExecutionRequest request, CancelReason reason)
    {
        long sequence;
        lock (_gate)
        {
            if (!_handedOver.TryPeek(out (long Sequence, ExecutionRequest Request) first) || first.Request != request)
                return;
            sequence = first.Sequence;
        }

        Cancel(sequence, reason);
    }

    public void AnnounceStop() => _writer.Write(new BareFrame(FrameKind.Stopping));

    public void Kill(EndCause cause, bool now)
    {
        // The first cause stands.
        Interlocked.CompareExchange(ref _cause, cause, null);
        if (now || _limits.KillGrace == TimeSpan.Zero)
        {
            _process.Kill();
            return;
        }

        _writer.Write(new BareFrame(FrameKind.Terminate));
        _process.Terminate(_limits.KillGrace);
        _ = KillAfterGraceAsync();
    }

    public EndCause? FindMemoryFault(long bytes)
    {
        if (_limits.HardMemory is not { } most)
            return null;
        if (!_caged)
            return bytes > most ? EndCause.Memory(bytes, most) : null;
        // Version 1 of control groups may have ended a program of the task alone.
        return _cage!.HasKilled ? EndCause.MemoryLimit(most) : null;
    }

    /// <summary>Hands over a task under a number of its own.</summary>
    internal void Run(long sequence, ExecutionRequest request) =>
        _writer.Write(new RunFrame(sequence, request.DeliveryCount, request.SoftTimeLimit, request.QueuePolicy, request.Envelope));

    internal void Cancel(long sequence, CancelReason reason) => _writer.Write(new CancelFrame(sequence, reason));

    /// <summary>Closes the channel, which ends an idle child, and waits; kills it if that takes long.</summary>
    public async ValueTask DisposeAsync()
    {
        Interlocked.CompareExchange(ref _cause, EndCause.Closed, null);
        _writer.Close(EndAtMost);
        _process.Input.Dispose();
        try
        {
            await _ended.Task.WaitAsync(EndAtMost, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await _ended.Task;
        }
    }

    private void Listen()
    {
        using (FrameReader frames = new(_process.Output))
        {
            try
            {
                while (frames.TryRead(out FrameKind kind, out ReadOnlySpan<byte> payload))
                {
                    Handle(kind, new FrameCursor(payload));
                    if (frames.IsDrained && Volatile.Read(ref _inHand) >= BusyWith)
                        Posix.Nap(NapMicroseconds);
                }
            }
            catch (Exception broken) when (broken is InvalidDataException or IOException)
            {
                Kill(EndCause.Crash("channel", $"broke the channel ({broken.Message})"), now: true);
            }
        }

        EndCause cause = FindCause(_process.WaitForEnd(EndAtMost));
        _cage?.Dispose();
        _output.Join(EndAtMost);
        _writer.Close(EndAtMost);
        _process.Dispose();
        _lost = true;
        if (_ready.TrySetException(new ChildStartException($"The child process {ProcessId} {cause.Sentence} before it was ready.{LastWords()}")))
            _ = _ready.Task.Exception;
        else
            TellLost(cause);
        _ended.TrySetResult();
    }

    /// <summary>The slot first: then nothing is handed to the lanes any more.</summary>
    private void TellLost(EndCause cause)
    {
        _listener.OnLost(cause);
        ChildLane[] lanes;
        lock (_gate)
            lanes = [.. _lanes];
        foreach (ChildLane lane in lanes)
            lane.Listener.OnLost(cause);
    }

    private ChildLane? LaneOf(long sequence)
    {
        int number = ChildLane.NumberOf(sequence);
        if (number == 0)
            return null;
        lock (_gate)
            return number <= _lanes.Count ? _lanes[number - 1] : throw new InvalidDataException($"there is no lane {number}");
    }

    private IExecutionObserver ObserverOf(long sequence) => LaneOf(sequence)?.Listener ?? _listener;

    private EndCause FindCause(int exitCode)
    {
        EndCause end = EndCause.OfExit(exitCode);
        if (_cause is { Kind: not EndKind.Closed } known)
            return known;
        if (end.Word == KilledOutright)
        {
            if (_cage?.HasKilled == true && _limits.HardMemory is { } most)
                return EndCause.MemoryLimit(most);
            if (_cause is null && OomKills.IsOneMore())
                return EndCause.OutOfMemory;
        }

        return _cause ?? end;
    }

    private async Task KillAfterGraceAsync()
    {
        await Task.WhenAny(_ended.Task, Task.Delay(_limits.KillGrace, _time));
        _process.Kill();
    }

    private void Handle(FrameKind kind, FrameCursor payload)
    {
        switch (kind)
        {
            case FrameKind.Hello:
                StartUpBytes = HelloFrame.Read(ref payload).ResidentBytes;
                _ready.TrySetResult();
                break;
            case FrameKind.Outcome:
                End(OutcomeFrame.Read(ref payload));
                break;
            case FrameKind.Recalled:
                int count = payload.TakeInt32();
                ForgetLast(count);
                _listener.OnRecalled(count);
                break;
            case FrameKind.Progress:
                ProgressFrame progress = ProgressFrame.Read(ref payload);
                ObserverOf(progress.Sequence).OnProgress(progress.Fraction, progress.Text, progress.Data);
                break;
            case FrameKind.Log:
                LogFrame log = LogFrame.Read(ref payload);
                ObserverOf(log.Sequence).OnLog(log.Level, log.Line);
                break;
            default:
                throw new InvalidDataException($"a frame of kind {(int)kind} is not for the worker");
        }
    }

    private void End(OutcomeFrame ended)
    {
        if (LaneOf(ended.Sequence) is { } lane)
        {
            _output.Drain();
            lane.End(ended);
            return;
        }

        Forget(ended.Sequence);
        _output.Drain();
        _listener.OnEnded(ended.Outcome);
    }

    private void Forget(long sequence)
    {
        lock (_gate)
        {
            if (!_handedOver.TryDequeue(out (long Sequence, ExecutionRequest Request) first) || first.Sequence != sequence)
                throw new InvalidDataException($"task number {sequence} ended out of turn");
            _inHand = _handedOver.Count;
        }
    }

    private void ForgetLast(int count)
    {
        lock (_gate)
        {
            if (count < 0 || count > _handedOver.Count)
                throw new InvalidDataException($"{count} tasks were given back of {_handedOver.Count}");
            (long, ExecutionRequest)[] kept = [.. _handedOver.SkipLast(count)];
            _handedOver.Clear();
            foreach ((long, ExecutionRequest) one in kept)
                _handedOver.Enqueue(one);
        }
    }

    private void OnOutputLine(string level, string line)
    {
        if (!_ready.Task.IsCompleted && _lastWords.Length < 2000)
            _lastWords.Append("\n  ").Append(line);
        _listener.OnLog(level, line);
    }

    private string LastWords() => _lastWords.Length == 0 ? "" : $" Its last words:{_lastWords}";
}
