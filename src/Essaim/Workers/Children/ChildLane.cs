namespace Essaim;

/// <summary>
/// A place beside the main one in a child: one more task at a time, which runs there at once. The child's end, and what ends it, is that of all
/// its lanes.
/// </summary>
internal sealed class ChildLane(ChildProcessExecutor child, int number, IExecutorListener listener) : IExecutor
{
    private const int NumberShift = 48;
    private readonly Lock _gate = new();
    private (long Sequence, ExecutionRequest Request)? _inHand;
    private long _sequence = (long)number << NumberShift;

    public int ProcessId => child.ProcessId;

    public int QueueLimit => 0;

    public TimeSpan AskGrace => child.AskGrace;

    public bool EndsWhole => true;

    public long StartUpBytes => child.StartUpBytes;

    public bool IsLost => child.IsLost;

    public IExecutorListener Listener => listener;

    /// <summary>Which lane a task's number belongs to; 0: the main place.</summary>
    public static int NumberOf(long sequence) => (int)(sequence >> NumberShift);

    public void Run(ExecutionRequest request)
    {
        long sequence;
        lock (_gate)
        {
            sequence = ++_sequence;
            _inHand = (sequence, request);
        }

        child.Run(sequence, request);
    }

    /// <summary>Nothing ever waits in a lane.</summary>
    public void Recall() => listener.OnRecalled(0);

    public void Cancel(ExecutionRequest request, CancelReason reason)
    {
        long sequence;
        lock (_gate)
        {
            if (_inHand is not { } held || held.Request != request)
                return;
            sequence = held.Sequence;
        }

        child.Cancel(sequence, reason);
    }

    public void AnnounceStop()
    {
        // Said to the child once.
    }

    public void Kill(EndCause cause, bool now) => child.Kill(cause, now);

    public EndCause? FindMemoryFault(long bytes) => child.FindMemoryFault(bytes);

    public IExecutor? OpenLane(IExecutorListener other) => null;

    /// <exception cref="InvalidDataException">It is not the task in hand.</exception>
    public void End(OutcomeFrame ended)
    {
        lock (_gate)
        {
            if (_inHand?.Sequence != ended.Sequence)
                throw new InvalidDataException($"task number {ended.Sequence} ended out of turn");
            _inHand = null;
        }

        listener.OnEnded(ended.Outcome);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
