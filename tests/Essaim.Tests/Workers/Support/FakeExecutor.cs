using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>An executor a test moves by hand.</summary>
internal sealed class FakeExecutor(IExecutorListener listener) : IExecutor
{
    public int ProcessId { get; init; } = 4711;

    public int QueueLimit => 16;

    public TimeSpan AskGrace => TimeSpan.Zero;

    public bool EndsWhole { get; init; }

    public long StartUpBytes => 36 << 20;

    /// <summary>Said when its memory is looked at.</summary>
    public EndCause? MemoryFault { get; set; }

    /// <summary>Why it was killed.</summary>
    public EndCause? Cause { get; private set; }

    /// <summary>Ids handed over and not ended or given back; the first one runs.</summary>
    public List<string> InHand { get; } = [];

    public List<CancelReason> Cancelled { get; } = [];

    public int Recalls { get; private set; }

    public bool Killed { get; private set; }

    public bool IsLost { get; private set; }

    public void Run(ExecutionRequest request) => InHand.Add(request.Message.Id);

    public void Recall() => Recalls++;

    public void Cancel(ExecutionRequest request, CancelReason reason) => Cancelled.Add(reason);

    /// <summary>Lanes opened so far.</summary>
    public List<FakeExecutor> Lanes { get; } = [];

    public IExecutor? OpenLane(IExecutorListener other)
    {
        FakeExecutor lane = new(other) { ProcessId = ProcessId, EndsWhole = EndsWhole };
        Lanes.Add(lane);
        return lane;
    }

    public void AnnounceStop()
    {
    }

    public void Kill(EndCause cause, bool now)
    {
        Killed = true;
        Cause ??= cause;
    }

    public EndCause? FindMemoryFault(long bytes) => MemoryFault;

    public ValueTask DisposeAsync()
    {
        IsLost = true;
        listener.OnLost(EndCause.Closed);
        return ValueTask.CompletedTask;
    }

    /// <summary>The running task ends.</summary>
    public void End()
    {
        InHand.RemoveAt(0);
        listener.OnEnded(new TaskOutcome { Kind = OutcomeKind.Success, Result = RawJson.Null });
    }

    /// <summary>Everything behind the running task comes back.</summary>
    public void GiveBack()
    {
        int count = InHand.Count - 1;
        InHand.RemoveRange(1, count);
        listener.OnRecalled(count);
    }

    /// <summary>The executor dies.</summary>
    public void Die()
    {
        InHand.Clear();
        IsLost = true;
        listener.OnLost(Cause ?? EndCause.OfExit(137));
    }
}
