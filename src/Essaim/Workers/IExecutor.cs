using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// Runs tasks for one slot, one at a time, whatever runs them: this process, a child process, later a sandbox or a container.
/// What happens is told to its <see cref="IExecutorListener"/>, on any thread, one call at a time.
/// </summary>
internal interface IExecutor : IAsyncDisposable
{
    /// <summary>Process id of what runs tasks, for events and <c>inspect</c>.</summary>
    int ProcessId { get; }

    /// <summary>How many tasks may be handed over beyond the one that runs, so that short tasks need not wait for the worker.</summary>
    int QueueLimit { get; }

    /// <summary>How long a task that is to be killed is asked to stop first.</summary>
    TimeSpan AskGrace { get; }

    /// <summary>True where <see cref="Kill"/> ends what a task has started, too, so that it is to be called even where the task has heeded.</summary>
    bool EndsWhole { get; }

    /// <summary>Memory it had before its first task, bytes; 0 where it is part of the worker.</summary>
    long StartUpBytes { get; }

    /// <summary>Set before <see cref="IExecutorListener.OnLost"/> is called.</summary>
    bool IsLost { get; }

    /// <summary>Hands over a task; it begins when those handed over before have ended. Does not wait.</summary>
    void Run(ExecutionRequest request);

    /// <summary>Asks for what has not begun; answered by <see cref="IExecutorListener.OnRecalled"/>.</summary>
    void Recall();

    /// <summary>Asks one task to stop, if it is the one that runs: its token is cancelled with this reason.</summary>
    void Cancel(ExecutionRequest request, CancelReason reason);

    /// <summary>Opens a place for one more task beside the others, with its own listener; null where there can be none.</summary>
    IExecutor? OpenLane(IExecutorListener other);

    /// <summary>Tells the running task and those to come that the worker wants to stop.</summary>
    void AnnounceStop();

    /// <summary>Ends the executor, whatever it does; <see cref="IExecutorListener.OnLost"/> follows.</summary>
    /// <param name="cause">Why; the first one given stands.</param>
    /// <param name="now">Outright; else programs have a moment to end by themselves.</param>
    void Kill(EndCause cause, bool now);

    /// <summary>Says whether it has taken more memory than it may.</summary>
    /// <param name="bytes">What it has.</param>
    EndCause? FindMemoryFault(long bytes);
}

/// <summary>Hears what an executor does. Tasks begin and end in the order they were handed over.</summary>
internal interface IExecutorListener : IExecutionObserver
{
    /// <summary>The oldest task handed over has ended.</summary>
    void OnEnded(TaskOutcome outcome);

    /// <summary>The last <paramref name="count"/> tasks handed over have not begun and will not.</summary>
    void OnRecalled(int count);

    /// <summary>The executor is gone, with all it was given. Nothing follows.</summary>
    void OnLost(EndCause cause);
}

/// <summary>Why a running task is asked to stop.</summary>
internal enum CancelReason
{
    SoftTimeLimit,
    Revoked,
    LeaseLost,
}

/// <summary>One task to run.</summary>
/// <param name="Envelope">The envelope.</param>
/// <param name="Message">The same, decoded.</param>
/// <param name="DeliveryCount">1 on the first delivery.</param>
/// <param name="SoftTimeLimit">When the handler is to be asked to stop.</param>
/// <param name="HardTimeLimit">When the executor is killed.</param>
internal sealed record ExecutionRequest(
    ReadOnlyMemory<byte> Envelope, TaskMessage Message, int DeliveryCount, TimeSpan? SoftTimeLimit, TimeSpan? HardTimeLimit)
{
    /// <summary>How tasks of its queue are retried, where neither call nor task say so; null: not.</summary>
    public RetryPolicy? QueuePolicy { get; init; }
}

/// <summary>Hears what a running task reports. Called on any thread; must be quick.</summary>
internal interface IExecutionObserver
{
    /// <summary>The task reported progress.</summary>
    /// <param name="fraction">0 to 1, or null where unknown.</param>
    /// <param name="text">What it is doing.</param>
    /// <param name="data">Facts of its own, any JSON.</param>
    void OnProgress(double? fraction, string? text, RawJson data);

    /// <summary>The task wrote a log line, or something on stdout or stderr.</summary>
    /// <param name="level"><c>info</c>, <c>warning</c>, …, or <c>stdout</c>, <c>stderr</c>.</param>
    /// <param name="line">One line, without its end.</param>
    void OnLog(string level, string line);
}
