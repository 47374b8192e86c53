namespace Essaim.Tests.Placements;

/// <summary>Forecasts small enough to be worked out by hand.</summary>
public sealed class PlacementAdvisorTests
{
    private readonly RunTimes _times = new();

    [Fact]
    public void Forecast_EqualNodes_IsTheLoadDividedByTheSlots()
    {
        Run("scan", "scan.file", 2, "a@h", "b@h");

        PlacementForecast forecast = Advisor(("scan", 12), Node("a@h", 2, "scan"), Node("b@h", 1, "scan")).Forecast("everyone", Placement.Everyone);

        Assert.Equal(8, forecast.Seconds!.Value, 6);
    }

    [Fact]
    public void Forecast_SlowNode_TakesLess()
    {
        Run("scan", "scan.file", 1, "fast@h");
        Run("scan", "scan.file", 4, "slow@h");

        // By 4 s the fast one has done four, the slow one one; so five in four seconds.
        Assert.Equal(8, Advisor(("scan", 10), Node("fast@h", 1, "scan"), Node("slow@h", 1, "scan")).Forecast("everyone", Placement.Everyone).Seconds!.Value, 6);
    }

    [Fact]
    public void Forecast_TaskNotYetRunOnANode_LastsAsElsewhere()
    {
        Run("scan", "scan.file", 3, "a@h");

        Assert.Equal(3, Advisor(("scan", 2), Node("a@h", 1, "scan"), Node("new@h", 1, "scan")).Forecast("everyone", Placement.Everyone).Seconds!.Value, 6);
    }

    [Fact]
    public void Forecast_QueueOfSeveralTasks_IsTheirMixture()
    {
        Run("scan", "short", 1, "a@h");
        Run("scan", "short", 1, "a@h");
        Run("scan", "short", 1, "a@h");
        Run("scan", "long", 9, "a@h");

        Assert.Equal(12, Advisor(("scan", 4), Node("a@h", 1, "scan")).Forecast("everyone", Placement.Everyone).Seconds!.Value, 6);
    }

    [Fact]
    public void Forecast_QueueThatNobodyServes_IsNeverDoneAndNamed()
    {
        PlacementForecast forecast = Advisor([("scan", 1), ("scan@gpu", 1)], Node("a@h", 1, "scan")).Forecast("everyone", Placement.Everyone);

        Assert.Null(forecast.Seconds);
        Assert.Equal(["scan@gpu"], forecast.Unserved);
    }

    [Fact]
    public void Forecast_DerivedQueue_IsServedByWhoMeetsIt()
    {
        PlacementNode gpu = new("a@h", 1, ["scan"], label => label == "gpu");
        Run("scan@gpu", "scan.file", 5, "a@h");

        Assert.Equal(5, new PlacementAdvisor([gpu], new Dictionary<string, long> { ["scan@gpu"] = 1 }, _times).Forecast("everyone", Placement.Everyone).Seconds!.Value, 6);
    }

    [Fact]
    public void Forecast_AMillionMessages_IsCoarseAndQuick()
    {
        Run("scan", "scan.file", 1, "a@h");

        Assert.Equal(250_000, Advisor(("scan", 1_000_000), Node("a@h", 4, "scan")).Forecast("everyone", Placement.Everyone).Seconds!.Value, 1000.0);
    }

    [Fact]
    public void Propose_NodesOfDifferentTalent_GivesEachWhatItIsGoodAt()
    {
        Run("scan", "scan.file", 1, "io@h");
        Run("scan", "scan.file", 10, "cpu@h");
        Run("extract", "extract.file", 10, "io@h");
        Run("extract", "extract.file", 1, "cpu@h");
        PlacementAdvisor advisor = Advisor([("scan", 100), ("extract", 100)], Node("io@h", 1, "scan", "extract", "mail"), Node("cpu@h", 1, "scan", "extract"));

        Placement proposed = advisor.Propose();

        // Who is bad at it is kept from it; what nothing waits in stays where it was.
        Assert.Equal(["scan", "mail"], proposed.Groups.Single(group => group.Match == "io@h").Queues);
        Assert.Equal(100, advisor.Forecast("proposed", proposed).Seconds!.Value, 6);
        Assert.True(advisor.Forecast("everyone", Placement.Everyone).Seconds > 150);
    }

    private static PlacementNode Node(string name, int slots, params string[] queues) => new(name, slots, queues, _ => false);

    private PlacementAdvisor Advisor((string Queue, long Count) load, params PlacementNode[] nodes) => Advisor([load], nodes);

    private PlacementAdvisor Advisor((string Queue, long Count)[] load, params PlacementNode[] nodes) =>
        new(nodes, load.ToDictionary(queue => queue.Queue, queue => queue.Count), _times);

    private void Run(string queue, string task, double seconds, params string[] nodes)
    {
        foreach (string node in nodes)
            _times.Add(queue, task, node, TimeSpan.FromSeconds(seconds));
    }
}
