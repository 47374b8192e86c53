using Essaim.Protocol;
using Essaim.Testing;

namespace Essaim.Tests.App;

public sealed class TopWorkerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void After_HeartbeatAsTheWorkerWritesIt_HasEveryField()
    {
        EventWriter writer = new(new WorkerNode("w@h", _time), _time);
        Pulse pulse = new()
        {
            Labels = new NodeLabels(["site=attic", "gpu"], new MachineFacts("arm64", 4, 1000, null)),
            Slots = (2, 1, 4),
            Busy = 1,
            Waiting = 3,
            Children = 2,
            Memory = 90_000_000,
            Processor = 0.25,
            Heat = new MachineHeat(61.8, ["hot"]),
            Queues = ["scan", "mail"],
            Configuration = new ConfigState("1764140000.123456", 1, ConfigurationOrigin.Published, null, SourceStanding.Behind),
        };

        TopWorker worker = TopWorker.After(null, writer.Worker("worker-heartbeat", TimeSpan.FromSeconds(2), pulse));

        Assert.Equal(
            new TopWorker
            {
                Name = "w@h",
                Online = true,
                HeardAt = _time.GetUtcNow(),
                Slots = 2,
                MinSlots = 1,
                MaxSlots = 4,
                Busy = 1,
                Waiting = 3,
                Children = 2,
                Memory = 90_000_000,
                Cpu = 0.25,
                Temperature = 61.8,
                Processed = 0,
                CountedAt = _time.GetUtcNow(),
                Throttled = worker.Throttled,
                Labels = worker.Labels,
                Queues = worker.Queues,
                ConfigVersion = "1764140000.123456",
                ConfigSource = "behind",
            },
            worker);
        Assert.Equal(["hot"], worker.Throttled!);
        Assert.Equal(["site=attic", "gpu"], worker.Labels);
        Assert.Equal(["scan", "mail"], worker.Queues);
        Assert.Equal("2 (1-4)", worker.SlotText);
    }

    [Fact]
    public void After_CelerysHeartbeat_HasWhatThatTells()
    {
        TopWorker worker = TopWorker.After(null, Heartbeat("""{"freq": 2.0, "active": 3, "processed": 41, "loadavg": [1, 2, 3], "sw_ident": "py-celery", "sw_ver": "5.2.6"}"""));

        Assert.Equal((3, 41, null, null, "-"), (worker.Busy, worker.Processed, worker.Slots, worker.Memory, worker.SlotText));
        Assert.Empty(worker.Labels);
    }

    [Fact]
    public void After_ShortHeartbeatBetween_TakesNothingAway_AndTheRateIsThatOfTheCounts()
    {
        TopWorker worker = TopWorker.After(null, Heartbeat("""{"processed": 10, "busy": 2, "memory": 5000, "throttled": []}"""));
        _time.Advance(TimeSpan.FromSeconds(1));
        worker = TopWorker.After(worker, Heartbeat("""{"freq": 5}"""));
        Assert.Equal((10, 2, 5000, null), (worker.Processed, worker.Busy, worker.Memory, worker.PerSecond));
        Assert.Empty(worker.Throttled!);

        _time.Advance(TimeSpan.FromSeconds(1));
        worker = TopWorker.After(worker, Heartbeat("""{"processed": 30}"""));
        Assert.Equal(10, worker.PerSecond);

        // One that was asked for in between is too near to measure by, and is no gap in the next measure.
        _time.Advance(TimeSpan.FromSeconds(0.2));
        worker = TopWorker.After(worker, Heartbeat("""{"processed": 36}"""));
        _time.Advance(TimeSpan.FromSeconds(1.8));
        worker = TopWorker.After(worker, Heartbeat("""{"processed": 90}"""));
        Assert.Equal(30, worker.PerSecond);
    }

    [Fact]
    public void After_Restart_CountsAnew()
    {
        TopWorker worker = TopWorker.After(null, Heartbeat("""{"processed": 100}"""));
        _time.Advance(TimeSpan.FromSeconds(2));
        worker = TopWorker.After(worker, Heartbeat("""{"processed": 4}"""));
        Assert.Equal((4, null), (worker.Processed, worker.PerSecond));
    }

    private EventRecord Heartbeat(string body) => new("worker-heartbeat", "w@h", null, _time.GetUtcNow(), RawJson.Parse(body));
}
