using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Events reach those who listen, in order.</summary>
public abstract class EventBusConformance : BackendConformance
{
    [Fact]
    public async Task Subscribe_FromNow_GivesWhatComesAfterTheCall()
    {
        await PublishAsync(1, 3);
        IAsyncEnumerable<EventEntry> subscription = Backend.Events.SubscribeAsync(null, Stop);
        await PublishAsync(4, 2);

        Assert.Equal(["t4", "t5"], await TakeAsync(subscription, 2));
    }

    [Fact]
    public async Task Subscribe_Event_IsUnchanged()
    {
        EventRecord worker = new("worker-heartbeat", "w1@host", null, Time.GetUtcNow(), RawJson.Parse("""{"type": "worker-heartbeat", "freq": 2.0}"""));
        EventRecord task = new("task-started", "w1@host", "t1", Time.GetUtcNow().AddTicks(7), RawJson.Parse("""{"uuid": "t1", "é": "→"}"""));
        IAsyncEnumerable<EventEntry> subscription = Backend.Events.SubscribeAsync(null, Stop);

        await Backend.Events.PublishAsync([worker, task], Stop);

        List<EventEntry> seen = await TakeEntriesAsync(subscription, 2);
        Assert.Equal([worker, task], seen.Select(entry => entry.Event));
        Assert.True(seen[1].Position > seen[0].Position);
    }

    [Fact]
    public async Task Subscribe_Waiting_WakesForWhatComes()
    {
        Task<List<string>> waiting = TakeAsync(Backend.Events.SubscribeAsync(null, Stop), 1);

        await PublishAsync(1, 1);

        Assert.Equal(["t1"], await waiting);
    }

    [Fact]
    public async Task Subscribe_Several_EachSeesAll()
    {
        IAsyncEnumerable<EventEntry>[] subscriptions = [.. Enumerable.Range(0, 3).Select(_ => Backend.Events.SubscribeAsync(null, Stop))];

        await PublishAsync(1, 1200);

        foreach (IAsyncEnumerable<EventEntry> subscription in subscriptions)
            Assert.Equal(Enumerable.Range(1, 1200).Select(i => $"t{i}"), await TakeAsync(subscription, 1200));
    }

    [Fact]
    public async Task Subscribe_Cancelled_Ends()
    {
        using CancellationTokenSource cancel = new();
        await using IAsyncEnumerator<EventEntry> events = Backend.Events.SubscribeAsync(null, cancel.Token).GetAsyncEnumerator(cancel.Token);
        ValueTask<bool> next = events.MoveNextAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    protected async Task PublishAsync(int first, int count) => await Backend.Events.PublishAsync(
        [.. Enumerable.Range(first, count).Select(i => new EventRecord("task-sent", "w1@host", $"t{i}", Time.GetUtcNow(), RawJson.EmptyObject))], Stop);

    protected static async Task<List<string>> TakeAsync(IAsyncEnumerable<EventEntry> events, int count) =>
        [.. (await TakeEntriesAsync(events, count)).Select(entry => entry.Event.TaskId!)];

    protected static async Task<List<EventEntry>> TakeEntriesAsync(IAsyncEnumerable<EventEntry> events, int count)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(Patience);
        List<EventEntry> taken = [];
        await foreach (EventEntry entry in events.WithCancellation(patience.Token))
        {
            taken.Add(entry);
            if (taken.Count == count)
                break;
        }

        return taken;
    }
}
