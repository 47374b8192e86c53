using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>What the worker refuses, and how it says so.</summary>
public sealed class WorkerIntakeTests
{
    [Fact]
    public async Task MalformedMessage_GoesToTheDeadLettersAndStopsNothing()
    {
        await using RunningWorker worker = Start();
        OutgoingMessage broken = Script.Outgoing(Script.Message("noop")) with { Envelope = "{not json"u8.ToArray() };
        await worker.Backend.Broker.PublishAsync(Outgoing.Of(broken), TestContext.Current.CancellationToken);

        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
        DeadLetter letter = Assert.Single(await DeadLettersAsync(worker));
        Assert.StartsWith("The message cannot be read: ", letter.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownTask_FailsAsNotRegisteredWithAReasonThatNamesWhatIsKnown()
    {
        await using RunningWorker worker = Start();
        string id = await worker.SendAsync("no.such.task");

        Assert.Equal(
            """FAILURE {"exc_type":"NotRegistered","exc_message":["no.such.task"],"exc_module":"celery.exceptions"}""", await worker.ResultAsync(id));
        Assert.Equal(
            $"This worker (test@here) has no task 'no.such.task'. It has: {string.Join(", ", ScriptedRunner.Names.Order(StringComparer.Ordinal))}. Start a worker that has it on queue 'celery' and replay the message, or send it to another queue.",
            Assert.Single(await DeadLettersAsync(worker)).Reason);
    }

    [Fact]
    public async Task ExpiredMessage_IsRevoked()
    {
        await using RunningWorker worker = Start();
        TaskMessage message = Script.Message("noop") with { Expires = TimeProvider.System.GetUtcNow().AddSeconds(-1) };
        await worker.SendAsync(message);

        Assert.Equal(
            """REVOKED {"exc_type":"TaskRevokedError","exc_message":["expired"],"exc_module":"celery.exceptions"}""", await worker.ResultAsync(message.Id));
    }

    [Fact]
    public async Task MessageBeforeItsTime_IsParkedAtTheBroker()
    {
        await using RunningWorker worker = Start();
        TaskMessage message = Script.Message("noop") with { Eta = TimeProvider.System.GetUtcNow().AddHours(1) };
        await worker.Backend.Broker.PublishAsync(Outgoing.Of(Script.Outgoing(message) with { NotBefore = null }), TestContext.Current.CancellationToken);

        await RunningWorker.UntilAsync(async () =>
            await worker.Backend.Broker.FindAsync(message.Id, TestContext.Current.CancellationToken) is { Place: MessagePlace.Delayed, DeliveryCount: 0 });
    }

    [Fact]
    public async Task DeliveredTooOften_GoesToTheDeadLetters()
    {
        InMemoryBackend backend = new(TimeProvider.System);
        TaskMessage message = Script.Message("noop", id: "tired-1");
        await backend.Broker.PublishAsync(Outgoing.Of(Script.Outgoing(message)), TestContext.Current.CancellationToken);
        for (int delivery = 0; delivery < 5; delivery++)
        {
            ClaimRequest request = new() { Worker = "gone@here", Queues = [new QueueClaim("celery")], Max = 1 };
            ClaimResult claimed = await backend.Broker.ClaimAsync(request, TestContext.Current.CancellationToken);
            Settlement back = new() { Lease = claimed.Deliveries[0].Lease, Action = SettleAction.Return };
            await backend.Broker.SettleAsync([back], TestContext.Current.CancellationToken);
        }

        await using RunningWorker worker = Start(backend);

        Assert.StartsWith("FAILURE {\"exc_type\":\"WorkerLostError\"", await worker.ResultAsync("tired-1"), StringComparison.Ordinal);
        Assert.Equal("Task noop[tired-1] was delivered 5 times without settling.", Assert.Single(await DeadLettersAsync(worker)).Reason);
    }

    [Fact]
    public async Task Progress_TaskThatReports_IsStoredAndAnnouncedBeforeTheEnd()
    {
        await using RunningWorker worker = Start();
        string id = await worker.SendAsync("progress");

        await worker.ResultAsync(id);
        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "task-succeeded"));

        string[] types = [.. worker.Events.Where(one => one.TaskId == id).Select(one => one.Type).Distinct()];
        Assert.Equal(["task-received", "task-started", "task-progress", "task-succeeded"], types);
        System.Text.Json.JsonElement last = worker.Events.Last(one => one.Type == "task-progress").Body.Deserialize<System.Text.Json.JsonElement>();
        Assert.Equal((1, "whole"), (last.GetProperty("fraction").GetDouble(), last.GetProperty("text").GetString()));
    }

    private static RunningWorker Start(IBackend? backend = null) => new(options => options.Pool = WorkerPool.Threads, backend);

    private static async Task<IReadOnlyList<DeadLetter>> DeadLettersAsync(RunningWorker worker) =>
        await worker.Backend.Broker.GetDeadLettersAsync(10, TestContext.Current.CancellationToken);
}
