using Essaim.Protocol;
using Essaim.Testing;
using Xunit;

namespace Essaim.Conformance;

/// <summary>What every suite shares: a fresh backend on a clock that moves only when told, and short ways to say common things.</summary>
public abstract class BackendConformance : IAsyncLifetime
{
    /// <summary>Longest a test waits for what must happen soon.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _tasks;

    protected FakeTimeProvider Time { get; } = new();

    protected IBackend Backend { get; private set; } = null!;

    protected IBroker Broker => Backend.Broker;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Backend = await CreateAsync(Time);

    public virtual async ValueTask DisposeAsync()
    {
        await Backend.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A new, empty backend on this clock.</summary>
    protected abstract ValueTask<IBackend> CreateAsync(TimeProvider time);

    protected string NewTaskId() => $"task-{Interlocked.Increment(ref _tasks)}";

    protected OutgoingMessage Message(string queue = "q", string? taskId = null, int priority = 0)
    {
        taskId ??= NewTaskId();
        return new OutgoingMessage { Envelope = Envelope(queue, taskId, priority), TaskId = taskId, TaskName = "tests.task", Queue = queue, Priority = priority };
    }

    /// <summary>A message that is not due before <paramref name="due"/>.</summary>
    protected OutgoingMessage Delayed(DateTimeOffset due, string? taskId = null)
    {
        OutgoingMessage message = Message(taskId: taskId);
        return message with { Envelope = Envelope(message.Queue, message.TaskId, 0, due), NotBefore = due };
    }

    /// <summary>A real envelope: some transports read the facts they need from it.</summary>
    /// <param name="queue">Routing key.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="priority">0 to 9.</param>
    /// <param name="readyAt">When it becomes ready; default now.</param>
    /// <param name="padding">Length of its one argument.</param>
    protected byte[] Envelope(string queue, string taskId, int priority = 0, DateTimeOffset? readyAt = null, int padding = 0)
    {
        TaskMessage message = new()
        {
            Id = taskId,
            Task = "tests.task",
            RoutingKey = queue,
            Priority = priority,
            DeliveryTag = $"tag of {taskId}",
            Headers = MessageHeaders.WithSent(null, readyAt ?? Time.GetUtcNow()),
        };
        TaskBody body = new(RawJson.From(new[] { new string('x', padding) }), RawJson.EmptyObject, TaskEmbed.Empty);
        return MessageCodec.Encode(MessageCodec.WithBody(message, body));
    }

    /// <summary>Lets time pass for the backend: for its clock, and for what a server of its own expires by itself.</summary>
    protected virtual ValueTask AdvanceAsync(TimeSpan span)
    {
        Time.Advance(span);
        return ValueTask.CompletedTask;
    }

    /// <summary>True where what expires goes without a sweep, so that none is reported.</summary>
    protected virtual bool ExpiresByItself => false;

    /// <summary>Publishes; returns the task's id.</summary>
    protected async Task<string> PublishAsync(OutgoingMessage message)
    {
        Assert.True((await Broker.PublishAsync(Outgoing.Of(message), Stop))[0].Accepted);
        return message.TaskId;
    }

    protected Task<string> PublishAsync(string queue = "q", string? taskId = null, int priority = 0) => PublishAsync(Message(queue, taskId, priority));

    protected ValueTask<ClaimResult> ClaimAsync(int max, params IReadOnlyList<QueueClaim> queues) =>
        Broker.ClaimAsync(new ClaimRequest { Worker = "w1", Queues = queues, Max = max }, Stop);

    protected async Task<IReadOnlyList<Delivery>> ClaimAllAsync(int max = 100, string queue = "q") => (await ClaimAsync(max, new QueueClaim(queue))).Deliveries;

    protected async Task<Delivery> ClaimOneAsync(string queue = "q") => Assert.Single(await ClaimAllAsync(1, queue));

    protected async Task<string[]> ClaimIdsAsync(int max = 100, string queue = "q") => [.. (await ClaimAllAsync(max, queue)).Select(delivery => delivery.TaskId)];

    protected async Task<SettleOutcome> SettleAsync(Settlement settlement) => Assert.Single(await Broker.SettleAsync([settlement], Stop));

    protected async Task SettleAsync(Delivery delivery, SettleAction action) =>
        Assert.Equal(SettleOutcome.Settled, await SettleAsync(new Settlement { Lease = delivery.Lease, Action = action, Reason = "It was bad." }));

    protected async Task<QueueStatus> GetQueueAsync(string name = "q") => Assert.Single(await Broker.GetQueuesAsync(Stop), queue => queue.Name == name);

    protected static ResultWrite Result(string taskId, TaskState state, int value = 0, TimeSpan? expiresAfter = null)
    {
        RawJson result = state.IsException ? ExceptionDocument.Of("ValueError", "no", "builtins").Encode() : RawJson.From(value);
        return new ResultWrite(taskId, state, new ResultDocument { TaskId = taskId, State = state, Result = result }.Encode(), expiresAfter);
    }

    protected Completion Completed(string taskId, TaskState state) =>
        new(taskId, "tests.task", state, "q", "w1", Time.GetUtcNow(), TimeSpan.FromMilliseconds(5), "root-1");
}
