using Essaim.Protocol;

namespace Essaim.Tests.App;

public sealed class TopFleetTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Take_MoreThanEightDecisions_KeepsTheNewest_NewestFirst()
    {
        TopFleet fleet = new();
        for (int i = 0; i < 10; i++)
            fleet.Add(Event("worker-scaled", "w@h", i, $$"""{"from": {{i}}, "to": {{i + 1}}, "reason": "{{i}} waiting"}"""));
        fleet.Add(Event("worker-scale-refused", "w@h", 10, """{"from": 10, "to": 11, "reason": "memory is short"}"""));

        IReadOnlyList<TopScaling> scalings = fleet.Take([], Noon).Scalings;

        Assert.Equal(8, scalings.Count);
        Assert.Equal(new TopScaling(Noon.AddSeconds(10), "w@h", 10, 11, "memory is short", Refused: true), scalings[0]);
        Assert.Equal(new TopScaling(Noon.AddSeconds(3), "w@h", 3, 4, "3 waiting", Refused: false), scalings[7]);
        Assert.Empty(fleet.Take([], Noon).Workers);
    }

    [Fact]
    public void Take_Workers_AreByName_AndOfflineOnesAddNothingToTheRate()
    {
        TopFleet fleet = new();
        foreach (string worker in (string[])["b@h", "a@h"])
        {
            fleet.Add(Event("worker-online", worker, 0, """{"processed": 0}"""));
            fleet.Add(Event("worker-heartbeat", worker, 2, """{"processed": 25}"""));
        }

        Assert.Equal(25, fleet.Take([], Noon).TasksPerSecond);
        fleet.Add(Event("worker-offline", "b@h", 4, """{"processed": 25}"""));
        TopSnapshot snapshot = fleet.Take([new QueueStatus("z", 0, 0, 0, 0, null), new QueueStatus("a", 0, 0, 0, 0, null)], Noon);

        Assert.Equal([("a@h", true), ("b@h", false)], snapshot.Workers.Select(worker => (worker.Name, worker.Online)));
        Assert.Equal(12.5, snapshot.TasksPerSecond);
        Assert.Equal(["a", "z"], snapshot.Queues.Select(queue => queue.Name));
    }

    private static EventRecord Event(string type, string worker, int second, string body) => new(type, worker, null, Noon.AddSeconds(second), RawJson.Parse(body));
}
