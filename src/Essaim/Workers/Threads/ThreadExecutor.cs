using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// Runs tasks on the thread pool of this process. It cannot be killed: a task that does not heed its token is abandoned, keeps
/// its thread until it ends by itself, and is no longer listened to.
/// </summary>
internal sealed class ThreadExecutor(ITaskRunner runner, IExecutorListener listener) : IExecutor
{
    private readonly CancellationTokenSource _stopping = new();
    private volatile ThreadTask? _running;
    private int _lost;

    public int ProcessId => Environment.ProcessId;

    public int QueueLimit => 0;

    public TimeSpan KillGrace => TimeSpan.FromSeconds(5);

    public bool IsLost => Volatile.Read(ref _lost) != 0;

    public void Run(ExecutionRequest request)
    {
        ThreadTask execution = new(this, request);
        _running = execution;
        ThreadPool.UnsafeQueueUserWorkItem(execution, preferLocal: false);
    }

    public void Recall() => listener.OnRecalled(0);

    public void Cancel(ExecutionRequest request, CancelReason reason)
    {
        if (_running is { } execution && execution.Request == request)
            execution.Cancel(reason);
    }

    public void AnnounceStop() => _ = _stopping.CancelAsync();

    public void Kill()
    {
        if (Interlocked.Exchange(ref _lost, 1) != 0)
            return;
        _running?.Cancel(CancelReason.LeaseLost);
        // As from a child: the listener hears it from another thread, never inside its own call.
        ThreadPool.UnsafeQueueUserWorkItem(heard => heard.OnLost("was abandoned: a task in the threads pool cannot be killed"), listener, preferLocal: false);
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        return ValueTask.CompletedTask;
    }

#pragma warning disable CA1001 // Not disposed: a late cancel may still hold the source, and without timers there is nothing to free.
    private sealed class ThreadTask(ThreadExecutor owner, ExecutionRequest request) : IThreadPoolWorkItem, IExecutionObserver
    {
        private readonly CancellationTokenSource _stop = new();
        private CancelReason _reason;

        public ExecutionRequest Request => request;

        public void Execute() => _ = RunAsync();

        public void Cancel(CancelReason reason)
        {
            if (_stop.IsCancellationRequested)
                return;
            _reason = reason;
            _ = _stop.CancelAsync();
        }

        public void OnProgress(double? fraction, string? text, RawJson data)
        {
            if (owner._running == this)
                owner.Listener.OnProgress(fraction, text, data);
        }

        public void OnLog(string level, string line)
        {
            if (owner._running == this)
                owner.Listener.OnLog(level, line);
        }

        private async Task RunAsync()
        {
            TaskOutcome outcome;
            try
            {
                outcome = await owner.Runner.RunAsync(
                    request.Message, request.DeliveryCount, request.SoftTimeLimit, this, () => _reason, owner._stopping.Token, _stop.Token);
            }
            catch (Exception fatal)
            {
                // The runner lets only those through that no outcome describes, such as the end of memory.
                if (Interlocked.Exchange(ref owner._lost, 1) == 0)
                    owner.Listener.OnLost($"could not go on ({fatal.GetType().Name}: {fatal.Message})");
                return;
            }

            owner._running = null;
            if (Volatile.Read(ref owner._lost) == 0)
                owner.Listener.OnEnded(outcome);
        }
    }

    private ITaskRunner Runner => runner;

    private IExecutorListener Listener => listener;
}
