using Xunit;

namespace Essaim.Conformance;

/// <summary>Leases: expiry, renewal, and what each settle action does to the message.</summary>
public abstract class LeaseConformance : BackendConformance
{
    [Fact]
    public async Task Lease_RanOut_MessageIsAtTheFrontAndTheDeliveryCounts()
    {
        await PublishAsync(taskId: "first");
        await PublishAsync(taskId: "second");
        Delivery lost = await ClaimOneAsync();
        Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal("second", (await ClaimOneAsync()).TaskId);
        await PublishAsync(taskId: "third");

        Time.Advance(TimeSpan.FromSeconds(1));
        IReadOnlyList<Delivery> claimed = await ClaimAllAsync();

        Assert.Equal(["first", "third"], claimed.Select(delivery => delivery.TaskId));
        Assert.Equal([2, 1], claimed.Select(delivery => delivery.DeliveryCount));
        Assert.Equal(lost.Lease.MessageId, claimed[0].Lease.MessageId);
        Assert.NotEqual(lost.Lease.Token, claimed[0].Lease.Token);
    }

    [Fact]
    public async Task Renew_BeforeTheEnd_KeepsTheLease()
    {
        await PublishAsync();
        Delivery delivery = await ClaimOneAsync();
        Time.Advance(TimeSpan.FromSeconds(20));

        Lease? renewed = Assert.Single(await Broker.RenewAsync([delivery.Lease], TimeSpan.FromSeconds(30), Stop));

        Assert.NotNull(renewed);
        Assert.Equal(Time.GetUtcNow() + TimeSpan.FromSeconds(30), renewed.Deadline);
        Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(await ClaimAllAsync());
        Assert.Equal(SettleOutcome.Settled, await SettleAsync(new Settlement { Lease = renewed, Action = SettleAction.Complete }));
    }

    [Fact]
    public async Task Renew_SomeLost_AnswersEachInOrder()
    {
        await PublishAsync();
        await PublishAsync();
        IReadOnlyList<Delivery> two = await ClaimAllAsync();
        await SettleAsync(two[0], SettleAction.Complete);

        IReadOnlyList<Lease?> renewed = await Broker.RenewAsync(
            [two[0].Lease, two[1].Lease, new Lease("nonsense", "none", default)], TimeSpan.FromSeconds(30), Stop);

        Assert.Null(renewed[0]);
        Assert.Equal(two[1].Lease.MessageId, renewed[1]?.MessageId);
        Assert.Null(renewed[2]);
    }

    [Fact]
    public async Task Renew_AfterTheEnd_IsRefused()
    {
        await PublishAsync();
        Delivery delivery = await ClaimOneAsync();
        Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Null(Assert.Single(await Broker.RenewAsync([delivery.Lease], TimeSpan.FromSeconds(30), Stop)));
    }

    [Fact]
    public async Task Settle_OldTokenAfterAnotherClaim_IsRefused()
    {
        await PublishAsync();
        Delivery lost = await ClaimOneAsync();
        Time.Advance(TimeSpan.FromSeconds(31));
        Delivery held = await ClaimOneAsync();

        Assert.Equal(SettleOutcome.StaleLease, await SettleAsync(new Settlement { Lease = lost.Lease, Action = SettleAction.Complete }));

        await SettleAsync(held, SettleAction.Complete);
    }

    [Fact]
    public async Task Settle_Twice_SecondIsRefused()
    {
        await PublishAsync();
        Delivery delivery = await ClaimOneAsync();
        await SettleAsync(delivery, SettleAction.Complete);

        Assert.Equal(SettleOutcome.StaleLease, await SettleAsync(new Settlement { Lease = delivery.Lease, Action = SettleAction.Complete }));
    }

    [Theory]
    [InlineData(SettleAction.Release, 1)]
    [InlineData(SettleAction.Return, 2)]
    public async Task Settle_ReleaseOrReturn_MessageIsAtTheFront(SettleAction action, int deliveryCount)
    {
        await PublishAsync(taskId: "first");
        await PublishAsync(taskId: "second");
        await SettleAsync(await ClaimOneAsync(), action);

        IReadOnlyList<Delivery> claimed = await ClaimAllAsync();

        Assert.Equal(["first", "second"], claimed.Select(delivery => delivery.TaskId));
        Assert.Equal(deliveryCount, claimed[0].DeliveryCount);
    }

    [Fact]
    public async Task Settle_ReleaseOfSeveral_KeepsTheirOrder()
    {
        for (int i = 0; i < 4; i++)
            await PublishAsync();
        foreach (Delivery delivery in await ClaimAllAsync(3))
            await SettleAsync(delivery, SettleAction.Release);

        Assert.Equal(["task-1", "task-2", "task-3", "task-4"], await ClaimIdsAsync());
    }

    [Fact]
    public async Task Settle_Requeue_MessageIsAtTheEndAndNotCounted()
    {
        await PublishAsync(taskId: "first");
        await PublishAsync(taskId: "second");
        await SettleAsync(await ClaimOneAsync(), SettleAction.Requeue);

        IReadOnlyList<Delivery> claimed = await ClaimAllAsync();

        Assert.Equal(["second", "first"], claimed.Select(delivery => delivery.TaskId));
        Assert.Equal([1, 1], claimed.Select(delivery => delivery.DeliveryCount));
    }

    [Fact]
    public async Task Settle_Park_WaitsUntilItsTimeAndIsNotCounted()
    {
        await PublishAsync();
        Delivery delivery = await ClaimOneAsync();
        DateTimeOffset due = Time.GetUtcNow() + TimeSpan.FromMinutes(5);
        await SettleAsync(new Settlement { Lease = delivery.Lease, Action = SettleAction.Park, NotBefore = due });
        Assert.Equal(due, (await ClaimAsync(1, new QueueClaim("q"))).NextDue);

        Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(1, (await ClaimOneAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Settle_Complete_MessageIsGone()
    {
        string taskId = await PublishAsync();
        await SettleAsync(await ClaimOneAsync(), SettleAction.Complete);

        Assert.Null(await Broker.FindAsync(taskId, Stop));
        Assert.Equal(new QueueStatus("q", 0, 0, 0, 0, null), await GetQueueAsync());
    }

    [Fact]
    public async Task Settle_Many_EachHasItsOutcome()
    {
        await PublishAsync();
        await PublishAsync();
        IReadOnlyList<Delivery> two = await ClaimAllAsync();
        await SettleAsync(two[0], SettleAction.Complete);

        IReadOnlyList<SettleOutcome> outcomes = await Broker.SettleAsync(
            [.. two.Select(delivery => new Settlement { Lease = delivery.Lease, Action = SettleAction.Complete })], Stop);

        Assert.Equal([SettleOutcome.StaleLease, SettleOutcome.Settled], outcomes);
    }

    [Fact]
    public async Task NextDue_LeaseHeld_IsItsDeadline()
    {
        await PublishAsync();
        Delivery delivery = await ClaimOneAsync();

        Assert.Equal(delivery.Lease.Deadline, (await ClaimAsync(1, new QueueClaim("q"))).NextDue);
    }

    [Fact]
    public async Task Sweep_LostLeases_AreReclaimedAndReported()
    {
        await PublishAsync();
        await ClaimOneAsync();
        Time.Advance(TimeSpan.FromSeconds(31));

        SweepReport report = await Broker.SweepAsync(Stop);

        Assert.Equal(1, report.Reclaimed);
        Assert.Null(report.NextDue);
        Assert.Equal(1, (await GetQueueAsync()).Ready);
        Assert.Equal(0, (await Broker.SweepAsync(Stop)).Reclaimed);
    }
}
