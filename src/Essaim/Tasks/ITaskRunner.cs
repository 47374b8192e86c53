using Essaim.Protocol;

namespace Essaim;

/// <summary>Runs one task in this process: finds its definition, binds its arguments, calls its handler, judges how it ended.</summary>
internal interface ITaskRunner
{
    /// <summary>Runs the task. Throws nothing but <see cref="OutOfMemoryException"/> and the like: every end is an outcome.</summary>
    /// <param name="message">The message; its body is read here.</param>
    /// <param name="deliveryCount">1 on the first delivery.</param>
    /// <param name="softTimeLimit">For the deadline the handler sees; null: none.</param>
    /// <param name="queuePolicy">Retry policy of its queue, where neither call nor task have one; null: none.</param>
    /// <param name="observer">Hears progress and log lines.</param>
    /// <param name="stop">Cancelled to stop the task; <paramref name="stopReason"/> says why.</param>
    /// <param name="stopReason">Asked when <paramref name="stop"/> is cancelled.</param>
    /// <param name="workerStopping">The second token of the context: the worker wants to stop.</param>
    ValueTask<TaskOutcome> RunAsync(
        TaskMessage message, int deliveryCount, TimeSpan? softTimeLimit, RetryPolicy? queuePolicy, IExecutionObserver observer,
        Func<CancelReason> stopReason, CancellationToken workerStopping, CancellationToken stop);
}
