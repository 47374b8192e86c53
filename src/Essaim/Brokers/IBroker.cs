namespace Essaim;

/// <summary>
/// Messages between those who send tasks and those who run them. Delivery is by lease: a claimed message belongs to its worker
/// until it is settled or its lease runs out; then it is at the front of its queue again. Every method is one atomic step and
/// safe on all threads and processes. An acknowledged publish survives the loss of power where the backend is durable.
/// </summary>
public interface IBroker
{
    /// <summary>Queues messages, all or none; one outcome a message, same order.</summary>
    ValueTask<IReadOnlyList<PublishOutcome>> PublishAsync(Outgoing outgoing, CancellationToken cancellationToken);

    /// <summary>
    /// Takes messages, by tier, then priority, fairly between queues that are equal, oldest first within a queue.
    /// First makes claimable what is due: delayed messages, and messages whose lease ran out.
    /// </summary>
    ValueTask<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Takes one waiting or delayed message by its task id (to cancel it), or null where none waits.</summary>
    ValueTask<Delivery?> ClaimTaskAsync(string taskId, string worker, TimeSpan leaseDuration, CancellationToken cancellationToken);

    /// <summary>Extends leases. One entry each, same order: the new lease, or null where it was lost.</summary>
    ValueTask<IReadOnlyList<Lease?>> RenewAsync(IReadOnlyList<Lease> leases, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Ends deliveries; each settlement is atomic by itself and has its outcome, same order.</summary>
    ValueTask<IReadOnlyList<SettleOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken);

    /// <summary>Listens for work on these queues; see <see cref="IWorkSignal"/>.</summary>
    ValueTask<IWorkSignal> ListenAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken);

    /// <summary>Remembers tasks as revoked for <paramref name="keep"/>; messages claimed later say so.</summary>
    ValueTask MarkRevokedAsync(IReadOnlyList<string> taskIds, TimeSpan keep, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for tokens of buckets that hold for a key. One entry each, same order: null where the task may begin now (the token is spent), else
    /// when it may; the place is kept for it until then.
    /// </summary>
    ValueTask<IReadOnlyList<DateTimeOffset?>> ReserveAsync(IReadOnlyList<RateReservation> wanted, CancellationToken cancellationToken);

    /// <summary>Frees unique keys that these tasks still hold, before they end.</summary>
    ValueTask FreeKeysAsync(IReadOnlyList<UniqueHold> holds, CancellationToken cancellationToken);

    /// <summary>
    /// Pauses a queue, and those derived from it (<c>scan@gpu</c> of <c>scan</c>): they take messages and give none. Null: resumes it. False where
    /// it was not paused before.
    /// </summary>
    ValueTask<bool> SetPauseAsync(string queue, QueuePause? pause, CancellationToken cancellationToken);

    /// <summary>Messages of a queue (or scope of limits) in flight, oldest claim first.</summary>
    ValueTask<IReadOnlyList<MessageHolder>> GetHoldersAsync(string queue, int max, CancellationToken cancellationToken);

    /// <summary>Where a task's message is, or null where the broker holds none.</summary>
    ValueTask<TaskLocation?> FindAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>Depth and age of every queue that holds something or was used before.</summary>
    ValueTask<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken);

    /// <summary>The names of all queues, in their order; much cheaper than <see cref="GetQueuesAsync"/> where messages are in flight.</summary>
    async ValueTask<IReadOnlyList<string>> GetQueueNamesAsync(CancellationToken cancellationToken) =>
        [.. (await GetQueuesAsync(cancellationToken)).Select(queue => queue.Name).Order(StringComparer.Ordinal)];

    /// <summary>Removes what waits (ready and delayed, not what runs) in a queue. Returns how many.</summary>
    ValueTask<int> PurgeAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Dead letters, newest first.</summary>
    ValueTask<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int max, CancellationToken cancellationToken);

    /// <summary>Puts a dead letter back into its queue with a fresh count and forgets its stored result. False where it is not there.</summary>
    ValueTask<bool> ReplayAsync(string messageId, CancellationToken cancellationToken);

    /// <summary>House-keeping: due messages, lost leases, expired results, keys and marks. Cheap where there is nothing to do.</summary>
    ValueTask<SweepReport> SweepAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Wakes a waiting worker. It latches: a publish between a claim that came back empty and the wait ends the wait at once.
/// </summary>
public interface IWorkSignal : IAsyncDisposable
{
    /// <summary>Waits until work may be there or <paramref name="atMost"/> has passed. Spurious wake-ups are allowed.</summary>
    ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancellationToken);
}

/// <summary>Where a message is.</summary>
public enum MessagePlace
{
    /// <summary>In its queue.</summary>
    Ready,

    /// <summary>Waiting for its time.</summary>
    Delayed,

    /// <summary>With a worker.</summary>
    InFlight,

    /// <summary>Among the dead letters.</summary>
    Dead,
}

/// <summary>Where a task's message is.</summary>
/// <param name="Place">Ready, delayed, in flight, or dead.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="Worker">The worker that holds it, if any.</param>
/// <param name="DeliveryCount">Deliveries so far.</param>
/// <param name="NotBefore">Its time, where delayed.</param>
public sealed record TaskLocation(MessagePlace Place, string Queue, string? Worker, int DeliveryCount, DateTimeOffset? NotBefore)
{
    /// <summary>Messages that come before it in its queue, where ready.</summary>
    public long? Ahead { get; init; }

    /// <summary>In flight: since when its worker has it.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>In flight: when its lease runs out unless renewed.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Delayed: true where it waits for its turn under the rate of a key.</summary>
    public bool WaitsForRate { get; init; }

    /// <summary>Dead: why.</summary>
    public string? Reason { get; init; }

    /// <summary>True where the task is marked as revoked: whoever claims it will not run it.</summary>
    public bool Revoked { get; init; }

    /// <summary>Until when it must have begun; null: no such limit.</summary>
    public DateTimeOffset? Expires { get; init; }
}

/// <summary>One queue in numbers.</summary>
/// <param name="Name">Queue.</param>
/// <param name="Ready">Messages waiting.</param>
/// <param name="Delayed">Messages waiting for their time.</param>
/// <param name="InFlight">Messages with workers.</param>
/// <param name="Dead">Dead letters.</param>
/// <param name="OldestReady">When the oldest waiting message became ready; null where none waits.</param>
public sealed record QueueStatus(string Name, long Ready, long Delayed, long InFlight, long Dead, DateTimeOffset? OldestReady)
{
    /// <summary>Set where the queue itself is paused.</summary>
    public QueuePause? Paused { get; init; }

    /// <summary>When its rate gives the next token; null where it has one, or no rate.</summary>
    public DateTimeOffset? RateFreeAt { get; init; }
}

/// <summary>A message nobody could process.</summary>
/// <param name="MessageId">The broker's name of it, for <see cref="IBroker.ReplayAsync"/>.</param>
/// <param name="TaskId">The task.</param>
/// <param name="TaskName">Its name.</param>
/// <param name="Queue">Where it came from.</param>
/// <param name="Reason">Why: a sentence.</param>
/// <param name="DeliveryCount">Deliveries so far.</param>
/// <param name="DiedAt">When it was given up.</param>
/// <param name="Envelope">The envelope as it was.</param>
public sealed record DeadLetter(
    string MessageId, string TaskId, string TaskName, string Queue, string Reason, int DeliveryCount, DateTimeOffset DiedAt, ReadOnlyMemory<byte> Envelope);

/// <summary>What a sweep did.</summary>
/// <param name="Due">Delayed messages made ready.</param>
/// <param name="Reclaimed">Leases that had run out.</param>
/// <param name="Pruned">Expired results, keys, marks and events removed.</param>
/// <param name="NextDue">See <see cref="ClaimResult.NextDue"/>.</param>
public sealed record SweepReport(int Due, int Reclaimed, int Pruned, DateTimeOffset? NextDue);
