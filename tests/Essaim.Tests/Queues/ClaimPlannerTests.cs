using Essaim.Testing;
using Essaim.Tests.Workers;

namespace Essaim.Tests.Queues;

public sealed class ClaimPlannerTests
{
    private readonly InMemoryBackend _backend = new(new FakeTimeProvider());
    private readonly Dictionary<string, int> _given = [];

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public async Task Plan_HighNeverEmpty_LowerPrioritiesGetTheirShare(int atOnce)
    {
        string[] names = ["high", "medium", "low"];
        ClaimPlanner planner = Planner(0.05);
        foreach (string name in names)
            await PublishAsync(name, 3000);

        await ClaimAsync(planner, names, atOnce, total: 2000);

        Assert.InRange(_given["low"], 90, 110);
        Assert.InRange(_given["medium"], 90, 115);
        Assert.Equal(2000, _given.Values.Sum());
    }

    [Fact]
    public async Task Plan_LowCameLate_DoesNotCatchUp()
    {
        string[] names = ["high", "low"];
        ClaimPlanner planner = Planner(0.05);
        await PublishAsync("high", 3000);
        await ClaimAsync(planner, names, 8, total: 2000);
        await PublishAsync("low", 500);
        _given.Clear();

        await ClaimAsync(planner, names, 8, total: 200);

        Assert.InRange(_given["low"], 5, 15);
    }

    [Fact]
    public async Task Plan_NothingElseWaits_LowGetsAll()
    {
        ClaimPlanner planner = Planner(0.05);
        await PublishAsync("low", 100);

        await ClaimAsync(planner, ["high", "low"], 10, total: 100);

        Assert.Equal(100, _given["low"]);
    }

    [Fact]
    public async Task Plan_ShareZero_LowWaitsForAllOthers()
    {
        ClaimPlanner planner = Planner(0);
        await PublishAsync("high", 1000);
        await PublishAsync("low", 1000);

        await ClaimAsync(planner, ["high", "low"], 4, total: 1000);

        Assert.Equal(1000, _given["high"]);
    }

    private static ClaimPlanner Planner(double share) => new(
        new QueueRegistry([
            new QueueDefinition("high") { Priority = QueuePriority.High },
            new QueueDefinition("medium"),
            new QueueDefinition("low") { Priority = QueuePriority.Low },
        ]),
        new Ledger(), share);

    private async Task PublishAsync(string queue, int count) => await _backend.Broker.PublishAsync(
        new Outgoing([.. Enumerable.Range(0, count).Select(_ => Script.Outgoing(Script.Message("noop") with { RoutingKey = queue }))], []),
        TestContext.Current.CancellationToken);

    private async Task ClaimAsync(ClaimPlanner planner, IReadOnlyList<string> names, int atOnce, int total)
    {
        for (int claimed = 0; claimed < total;)
        {
            ClaimRequest request = new() { Worker = "w", Queues = planner.Plan(names), Max = Math.Min(atOnce, total - claimed) };
            IReadOnlyList<Delivery> deliveries = (await _backend.Broker.ClaimAsync(request, TestContext.Current.CancellationToken)).Deliveries;
            planner.Learn(deliveries);
            Assert.NotEmpty(deliveries);
            claimed += deliveries.Count;
            foreach (Delivery delivery in deliveries)
                _given[delivery.Queue] = _given.GetValueOrDefault(delivery.Queue) + 1;
        }
    }
}
