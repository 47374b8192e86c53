using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// Runs tasks on the thread pool of this process. It cannot be killed: a task that does not heed its token is abandoned, keeps
/// its thread until it ends by itself, and is no longer listened to.
/// </summary>
internal sealed class ThreadExecutor(ITaskRunner runner, IExecutorListener listener) : IExecutor
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    // The first one runs, or is about to.
    private readonly Queue<ThreadTask> _handedOver = new();
    private bool _turning;
    private int _lost;

    public int ProcessId => Environment.ProcessId;

    // Handing a task to the pool and waking a thread for it can cost more than the task.
    public int QueueLimit => LookAhead.Most;

    public TimeSpan AskGrace => TimeSpan.FromSeconds(5);

    public bool EndsWhole => false;

    public long StartUpBytes => 0;

    public bool IsLost => Volatile.Read(ref _lost) != 0;

    public void Run(ExecutionRequest request)
    {
        ThreadTask task = new(this, request);
        lock (_gate)
        {
            _handedOver.Enqueue(task);
            if (_turning)
                return;
            _turning = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static executor => _ = executor.RunAllAsync(), this, preferLocal: false);
    }

    public void Recall()
    {
        int count;
        lock (_gate)
            count = KeepFirst();
        Tell((Listener: listener, Count: count), static recalled => recalled.Listener.OnRecalled(recalled.Count));
    }

    public void Cancel(ExecutionRequest request, CancelReason reason)
    {
        lock (_gate)
        {
            if (_handedOver.TryPeek(out ThreadTask? first) && first.Request == request)
                first.Cancel(reason);
        }
    }

    public IExecutor? OpenLane(IExecutorListener other) => null;

    public void AnnounceStop() => _ = _stopping.CancelAsync();

    public void Kill(EndCause cause, bool now)
    {
        if (Interlocked.Exchange(ref _lost, 1) != 0)
            return;
        lock (_gate)
        {
            KeepFirst();
            if (_handedOver.TryPeek(out ThreadTask? first))
                first.Cancel(CancelReason.LeaseLost);
        }

        Tell((Listener: listener, Cause: cause), static lost => lost.Listener.OnLost(lost.Cause));
    }

    public EndCause? FindMemoryFault(long bytes) => null;

    public ValueTask DisposeAsync()
    {
        Kill(EndCause.Closed, now: true);
        return ValueTask.CompletedTask;
    }

    private int KeepFirst()
    {
        if (_handedOver.Count < 2)
            return 0;
        int dropped = _handedOver.Count - 1;
        ThreadTask first = _handedOver.Dequeue();
        _handedOver.Clear();
        _handedOver.Enqueue(first);
        return dropped;
    }

    private async Task RunAllAsync()
    {
        while (true)
        {
            ThreadTask? task;
            lock (_gate)
            {
                if (!_handedOver.TryPeek(out task))
                {
                    _turning = false;
                    return;
                }
            }

            TaskOutcome outcome;
            try
            {
                outcome = await task.RunAsync(runner, _stopping.Token);
            }
            catch (Exception fatal)
            {
                // The runner lets only those through that no outcome describes, such as the end of memory.
                if (Interlocked.Exchange(ref _lost, 1) == 0)
                    listener.OnLost(EndCause.Crash(fatal.GetType().Name, $"could not go on ({fatal.GetType().Name}: {fatal.Message})"));
                return;
            }

            lock (_gate)
                _handedOver.Dequeue();
            if (IsLost)
                return;
            listener.OnEnded(outcome);
        }
    }

    /// <summary>As from a child: the listener hears it from another thread, never inside its own call.</summary>
    private static void Tell<TState>(TState state, Action<TState> tell) => ThreadPool.UnsafeQueueUserWorkItem(tell, state, preferLocal: false);

#pragma warning disable CA1001 // Not disposed: a late cancel may still hold the source, and without timers there is nothing to free.
    private sealed class ThreadTask(ThreadExecutor owner, ExecutionRequest request) : IExecutionObserver
    {
        private readonly CancellationTokenSource _stop = new();
        private CancelReason _reason;
        private volatile bool _ended;

        public ExecutionRequest Request => request;

        public void Cancel(CancelReason reason)
        {
            if (_stop.IsCancellationRequested)
                return;
            _reason = reason;
            _ = _stop.CancelAsync();
        }

        public void OnProgress(double? fraction, string? text, RawJson data)
        {
            if (!_ended)
                owner.Listener.OnProgress(fraction, text, data);
        }

        public void OnLog(string level, string line)
        {
            if (!_ended)
                owner.Listener.OnLog(level, line);
        }

        public async ValueTask<TaskOutcome> RunAsync(ITaskRunner runner, CancellationToken stopping)
        {
            TaskOutcome outcome = await runner.RunAsync(
                request.Message, request.DeliveryCount, request.SoftTimeLimit, request.QueuePolicy, this, () => _reason, stopping, _stop.Token);
            _ended = true;
            return outcome;
        }
    }

    private IExecutorListener Listener => listener;
}
