using Essaim.Protocol;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Publishing and claiming: order, priority, tiers, fairness.</summary>
public abstract class BrokerConformance : BackendConformance
{
    [Fact]
    public async Task Claim_OneQueue_GivesOldestFirst()
    {
        for (int i = 1; i <= 5; i++)
            await PublishAsync();

        Assert.Equal(["task-1", "task-2", "task-3"], await ClaimIdsAsync(3));
        Assert.Equal(["task-4", "task-5"], await ClaimIdsAsync(3));
        Assert.Empty(await ClaimIdsAsync(3));
    }

    [Fact]
    public async Task Publish_ManyAtOnce_KeepsTheirOrderAndAnswersInIt()
    {
        OutgoingMessage[] messages = [.. Enumerable.Range(0, 200).Select(_ => Message())];

        IReadOnlyList<PublishOutcome> outcomes = await Broker.PublishAsync(new Outgoing(messages, []), Stop);

        Assert.Equal(messages.Select(message => new PublishOutcome(true, message.TaskId)), outcomes);
        Assert.Equal(messages.Select(message => message.TaskId), await ClaimIdsAsync(500));
    }

    [Fact]
    public async Task Claim_Delivery_CarriesWhatWasPublished()
    {
        DateTimeOffset published = Time.GetUtcNow();
        await PublishAsync(taskId: "α-1");
        Time.Advance(TimeSpan.FromSeconds(7));

        Delivery delivery = await ClaimOneAsync();

        Assert.Equal("α-1", delivery.TaskId);
        Assert.Equal("q", delivery.Queue);
        Assert.Equal(1, delivery.DeliveryCount);
        Assert.Equal(published, delivery.ReadySince);
        Assert.False(delivery.Revoked);
        Assert.Equal("α-1", MessageCodec.Decode(delivery.Envelope).Id);
        Assert.Equal(published + TimeSpan.FromSeconds(37), delivery.Lease.Deadline);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    public async Task Claim_EnvelopeOfAnySize_IsUnchanged(int size)
    {
        string taskId = NewTaskId();
        byte[] envelope = Envelope("q", taskId, padding: size);
        await PublishAsync(Message(taskId: taskId) with { Envelope = envelope });

        Assert.Equal(envelope, (await ClaimOneAsync()).Envelope.ToArray());
    }

    [Fact]
    public async Task Claim_Priorities_LowerNumberFirst()
    {
        await PublishAsync(taskId: "nine", priority: 9);
        await PublishAsync(taskId: "five", priority: 5);
        await PublishAsync(taskId: "zero", priority: 0);
        await PublishAsync(taskId: "five-again", priority: 5);

        Assert.Equal(["zero", "five", "five-again", "nine"], await ClaimIdsAsync());
    }

    [Fact]
    public async Task Claim_Tiers_LowerTierIsEmptiedFirstWhateverThePriority()
    {
        await PublishAsync("second", "b1", priority: 0);
        await PublishAsync("first", "a1", priority: 9);
        await PublishAsync("first", "a2", priority: 9);

        ClaimResult claimed = await ClaimAsync(10, new QueueClaim("second", Tier: 1), new QueueClaim("first", Tier: 0));

        Assert.Equal(["a1", "a2", "b1"], claimed.Deliveries.Select(delivery => delivery.TaskId));
    }

    [Fact]
    public async Task Claim_PriorityAcrossQueuesOfATier_LowerNumberFirst()
    {
        await PublishAsync("a", "a5", priority: 5);
        await PublishAsync("b", "b0", priority: 0);

        ClaimResult claimed = await ClaimAsync(10, new QueueClaim("a"), new QueueClaim("b"));

        Assert.Equal(["b0", "a5"], claimed.Deliveries.Select(delivery => delivery.TaskId));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(30)]
    public async Task Claim_EqualQueues_AreServedEvenly(int atOnce)
    {
        string[] queues = ["a", "b", "c"];
        foreach (string queue in queues)
        {
            for (int i = 0; i < 20; i++)
                await PublishAsync(queue);
        }

        Dictionary<string, int> served = queues.ToDictionary(queue => queue, _ => 0);
        for (int left = 30; left > 0;)
        {
            ClaimResult claimed = await ClaimAsync(Math.Min(atOnce, left), [.. queues.Select(queue => new QueueClaim(queue))]);
            foreach (Delivery delivery in claimed.Deliveries)
                served[delivery.Queue]++;
            left -= claimed.Deliveries.Count;
        }

        Assert.All(served.Values, count => Assert.InRange(count, 9, 11));
    }

    [Fact]
    public async Task Claim_QueueMaximum_BoundsThatQueueOnly()
    {
        for (int i = 0; i < 5; i++)
        {
            await PublishAsync("a");
            await PublishAsync("b");
        }

        ClaimResult claimed = await ClaimAsync(10, new QueueClaim("a", Max: 2), new QueueClaim("b"));

        Assert.Equal(2, claimed.Deliveries.Count(delivery => delivery.Queue == "a"));
        Assert.Equal(5, claimed.Deliveries.Count(delivery => delivery.Queue == "b"));
    }

    [Fact]
    public async Task Claim_UnknownQueue_GivesNothing()
    {
        ClaimResult claimed = await ClaimAsync(10, new QueueClaim("nobody"));

        Assert.Empty(claimed.Deliveries);
        Assert.Null(claimed.NextDue);
    }

    [Fact]
    public async Task Claim_SameTaskIdTwice_TokensDiffer()
    {
        await PublishAsync();
        Delivery first = await ClaimOneAsync();
        await SettleAsync(first, SettleAction.Release);

        Delivery second = await ClaimOneAsync();

        Assert.Equal(first.Lease.MessageId, second.Lease.MessageId);
        Assert.NotEqual(first.Lease.Token, second.Lease.Token);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    public async Task Publish_PriorityOutOfRange_QueuesNothing(int priority)
    {
        Outgoing outgoing = new([Message(), Message() with { Priority = priority }], []);

        await Assert.ThrowsAsync<ArgumentException>(async () => await Broker.PublishAsync(outgoing, Stop));

        Assert.Empty(await ClaimAllAsync());
    }

    [Fact]
    public async Task Claim_SeveralClaimersAndPublishers_EachMessageExactlyOnce()
    {
        const int Publishers = 4;
        const int Each = 250;
        int claimedCount = 0;
        Task[] publishers = [.. Enumerable.Range(0, Publishers).Select(p => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++)
                await Broker.PublishAsync(Outgoing.Of(Message($"q{i % 2}", $"t-{p}-{i}")), Stop);
        }, Stop))];
        Task<List<string>>[] claimers = [.. Enumerable.Range(0, 4).Select(c => Task.Run(async () =>
        {
            List<string> got = [];
            while (Volatile.Read(ref claimedCount) < Publishers * Each)
            {
                ClaimResult claimed = await ClaimAsync(1 + (c * 3), new QueueClaim("q0"), new QueueClaim("q1"));
                got.AddRange(claimed.Deliveries.Select(delivery => delivery.TaskId));
                Interlocked.Add(ref claimedCount, claimed.Deliveries.Count);
                await Broker.SettleAsync(
                    [.. claimed.Deliveries.Select(delivery => new Settlement { Lease = delivery.Lease, Action = SettleAction.Complete })], Stop);
                await Task.Yield();
            }

            return got;
        }, Stop))];

        await Task.WhenAll(publishers).WaitAsync(Patience, Stop);
        List<string> all = [.. (await Task.WhenAll(claimers).WaitAsync(Patience, Stop)).SelectMany(got => got)];

        Assert.Equal(Publishers * Each, all.Count);
        Assert.Equal(Publishers * Each, all.Distinct().Count());
        Assert.All(await Broker.GetQueuesAsync(Stop), queue => Assert.Equal(0, queue.Ready + queue.InFlight));
    }
}
