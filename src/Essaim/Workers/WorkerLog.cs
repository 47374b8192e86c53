using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>What a worker logs: one line per change of state. Event ids 3000 to 3099.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(3000, LogLevel.Information, "Worker {Node} is up: pool {Pool}, {Min} to {Max} slots, queues {Queues}.")]
    public static partial void Up(ILogger logger, string node, WorkerPool pool, int min, int max, string queues);

    [LoggerMessage(3005, LogLevel.Warning, "Queue {Queue} is not served here: it requires {Labels}, which this node does not have (see --label).")]
    public static partial void QueueNotServed(ILogger logger, string queue, string labels);

    [LoggerMessage(3006, LogLevel.Warning, "The worker waits for its broker. {Reason}")]
    public static partial void WaitsForBroker(ILogger logger, string reason);

    [LoggerMessage(3007, LogLevel.Information, "The broker {Url} is there.")]
    public static partial void BrokerIsThere(ILogger logger, string url);

    [LoggerMessage(3001, LogLevel.Information, "Worker {Node} stops: {Busy} running tasks may finish. Signal again to give them back at once.")]
    public static partial void Stopping(ILogger logger, string node, int busy);

    [LoggerMessage(3002, LogLevel.Warning, "Worker {Node} stops now: {Busy} running tasks are ended and given back.")]
    public static partial void StoppingNow(ILogger logger, string node, int busy);

    [LoggerMessage(3003, LogLevel.Information, "Worker {Node} is down.")]
    public static partial void Down(ILogger logger, string node);

    [LoggerMessage(3004, LogLevel.Error, "Worker {Node} gives up.")]
    public static partial void GivesUp(ILogger logger, string node, Exception cause);

    [LoggerMessage(3010, LogLevel.Error, "The broker does not answer claims; trying again until it does.")]
    public static partial void ClaimFails(ILogger logger, Exception failure);

    [LoggerMessage(3011, LogLevel.Information, "The broker answers claims again.")]
    public static partial void ClaimsAgain(ILogger logger);

    [LoggerMessage(3012, LogLevel.Error, "The broker takes no settlements; they are kept and tried again until it does.")]
    public static partial void SettleFails(ILogger logger, Exception failure);

    [LoggerMessage(3013, LogLevel.Information, "The broker takes settlements again.")]
    public static partial void SettlesAgain(ILogger logger);

    [LoggerMessage(3014, LogLevel.Error, "The broker renews no leases; trying again.")]
    public static partial void RenewFails(ILogger logger, Exception failure);

    [LoggerMessage(3015, LogLevel.Information, "The broker renews leases again.")]
    public static partial void RenewsAgain(ILogger logger);

    [LoggerMessage(3016, LogLevel.Warning, "The broker's house-keeping failed; trying again.")]
    public static partial void SweepFails(ILogger logger, Exception failure);

    [LoggerMessage(3017, LogLevel.Warning, "{Count} leases had run out; their tasks are back at the front of their queues.")]
    public static partial void Reclaimed(ILogger logger, int count);

    [LoggerMessage(3018, LogLevel.Warning, "The control channel failed; listening again.")]
    public static partial void ControlFails(ILogger logger, Exception failure);

    [LoggerMessage(3019, LogLevel.Warning, "The broker has not answered a claim for {Seconds} s: the claim is given up, and the worker listens and claims anew.")]
    public static partial void ClaimHangs(ILogger logger, long seconds);

    [LoggerMessage(3043, LogLevel.Warning, "The other workers could not be asked what is revoked; going on without.")]
    public static partial void MingleFails(ILogger logger, Exception failure);

    [LoggerMessage(3020, LogLevel.Warning, "Task {Name}[{Id}] lost its lease: its outcome here counts for nothing.")]
    public static partial void LeaseLost(ILogger logger, string name, string id);

    [LoggerMessage(3021, LogLevel.Warning, "The settlement ({Action}) of task {Id} was refused: its lease was another worker's.")]
    public static partial void StaleSettlement(ILogger logger, string id, SettleAction action);

    [LoggerMessage(3022, LogLevel.Warning, "Task {Name}[{Id}] goes back to the front of its queue: what ran it {Sentence} ({Cause}; delivery {Count} of {Max}).")]
    public static partial void ExecutorLost(ILogger logger, string name, string id, string sentence, string cause, int count, int max);

    [LoggerMessage(3023, LogLevel.Error, "To the dead letters: {Reason}")]
    public static partial void DeadLetter(ILogger logger, string reason);

    [LoggerMessage(3024, LogLevel.Error, "What follows task {Name}[{Id}] could not be worked out.")]
    public static partial void PlanFails(ILogger logger, string name, string id, Exception fault);

    [LoggerMessage(3030, LogLevel.Information, "Slots {From} -> {To}: {Reason}.")]
    public static partial void Scaled(ILogger logger, int from, int to, string reason);

    [LoggerMessage(3031, LogLevel.Error, "A child process did not start. {Reason}")]
    public static partial void ChildStartFails(ILogger logger, string reason);

    [LoggerMessage(3032, LogLevel.Information, "Children may have {Limit}: the kernel keeps them to it, by {Cages}.")]
    public static partial void MemoryKeptByKernel(ILogger logger, string limit, string cages);

    [LoggerMessage(3033, LogLevel.Information, "Children may have {Limit}: this worker looks every {Milliseconds} ms while they are busy, because it may make no control groups.")]
    public static partial void MemoryPolled(ILogger logger, string limit, double milliseconds);

    [LoggerMessage(3034, LogLevel.Warning, "Child {ProcessId} {Sentence} ({Cause}).")]
    public static partial void ChildEnded(ILogger logger, int processId, string sentence, string cause);

    [LoggerMessage(3035, LogLevel.Information, "Child {ProcessId} is replaced when it is idle: it has {Size}, at most {Limit} are wanted.")]
    public static partial void ChildTooLarge(ILogger logger, int processId, string size, string limit);

    [LoggerMessage(3036, LogLevel.Warning, "Slots stay {From}, {Wanted} are wanted: {Reason}.")]
    public static partial void ScaleRefused(ILogger logger, int from, int wanted, string reason);

    [LoggerMessage(3040, LogLevel.Warning, "{Count} events were dropped: the transport does not keep up.")]
    public static partial void EventsDropped(ILogger logger, long count);

    [LoggerMessage(3041, LogLevel.Warning, "Events are not sent; tasks go on without them.")]
    public static partial void EventsFail(ILogger logger, Exception failure);

    [LoggerMessage(3042, LogLevel.Warning, "Passing states are not stored; tasks go on without them.")]
    public static partial void StatesFail(ILogger logger, Exception failure);

    [LoggerMessage(3045, LogLevel.Warning, "The broker does not tell which queues there are; those whose messages require something are found later.")]
    public static partial void DerivedQueuesUnknown(ILogger logger, Exception failure);

    [LoggerMessage(3048, LogLevel.Warning, "It cannot be found out what this node can do beside what it was told; what requires it runs elsewhere.")]
    public static partial void LabelsUnknown(ILogger logger, Exception failure);

    [LoggerMessage(3046, LogLevel.Information, "The placement is {Mode}: this node serves {Queues}.")]
    public static partial void Placed(ILogger logger, string mode, string queues);

    [LoggerMessage(3047, LogLevel.Warning, "[CELERY_API] {Setting} is now {Value}, which takes effect when this worker is started again; it runs with {Running}.", EventName = "CELERY_API_NEEDS_RESTART")]
    public static partial void NeedsRestart(ILogger logger, string setting, string value, string running);

    [LoggerMessage(3050, LogLevel.Information, "{Id} {Level}: {Line}")]
    public static partial void TaskOutput(ILogger logger, string id, string level, string line);

    [LoggerMessage(3051, LogLevel.Information, "Between tasks, {Level}: {Line}")]
    public static partial void OutputBetweenTasks(ILogger logger, string level, string line);
}
