using Essaim.Protocol;

namespace Essaim.Tests.App;

public sealed class EventShowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, 250, TimeSpan.Zero);

    [Fact]
    public void Line_LaterEventOfATask_HasTheNameOfTheFirst()
    {
        TaskNames names = new();
        Assert.Equal(
            "2026-01-02 12:00:00.250Z w1@h task-received demo.add[id1] args=(1, 2) retries=0",
            EventLines.Line(Event("task-received", "id1", """{"uuid": "id1", "name": "demo.add", "args": "(1, 2)", "retries": 0, "eta": null, "pid": 5}"""), names));
        Assert.Equal(
            "2026-01-02 12:00:00.250Z w1@h task-succeeded demo.add[id1] result=3 runtime=0.5",
            EventLines.Line(Event("task-succeeded", "id1", """{"uuid": "id1", "result": "3", "runtime": 0.5}"""), names));
        Assert.Equal(
            "2026-01-02 12:00:00.250Z w1@h worker-heartbeat active=1 processed=7",
            EventLines.Line(Event("worker-heartbeat", null, """{"active": 1, "processed": 7, "freq": 2.0, "loadavg": [1, 2, 3]}"""), names));
        Assert.Equal(
            "2026-01-02 12:00:00.250Z w1@h worker-scaled 1 -> 3: 812 waiting, oldest 4.1 s",
            EventLines.Line(Event("worker-scaled", null, """{"from": 1, "to": 3, "reason": "812 waiting, oldest 4.1 s"}"""), names));
        Assert.Equal("2026-01-02 12:00:00.250Z w1@h task-started [id2]", EventLines.Line(Event("task-started", "id2", "5"), names));
    }

    [Fact]
    public void Filter_TypeAndTask_LetsOnlyThese()
    {
        EventFilter failures = new(["task-failed", "worker-"], null);
        Assert.True(failures.Lets(Event("task-failed", "id1", "{}")));
        Assert.True(failures.Lets(Event("worker-offline", null, "{}")));
        Assert.False(failures.Lets(Event("task-started", "id1", "{}")));

        EventFilter started = new(["task-started"], "demo.add");
        Assert.False(started.Lets(Event("task-received", "id1", """{"name": "demo.add"}""")));
        Assert.True(started.Lets(Event("task-started", "id1", "{}")));
        Assert.False(started.Lets(Event("task-started", "id2", "{}")));
        Assert.False(started.Lets(Event("worker-online", null, "{}")));
        Assert.True(new EventFilter([], "id2").Lets(Event("task-started", "id2", "{}")));
    }

    [Fact]
    public void LiveFleet_Events_KeepsWorkersAndTheLatestTasks()
    {
        LiveFleet fleet = new();
        fleet.Add(Event("worker-heartbeat", null, """{"active": 1, "processed": 7}"""));
        for (int i = 0; i < 20; i++)
            fleet.Add(Event("task-received", $"id{i}", """{"name": "demo.add"}"""));
        fleet.Add(Event("task-succeeded", "id10", """{"runtime": 0.25}"""));
        Assert.Equal("w1@h|online|1|7|2026-01-02 12:00:00Z", string.Join('|', Assert.Single(fleet.Workers())));
        Assert.Equal(15, fleet.Tasks().Count);
        Assert.Equal("2026-01-02 12:00:00Z|id10|demo.add|succeeded|w1@h|0.250 s", string.Join('|', fleet.Tasks()[0]));
        fleet.Add(Event("worker-offline", null, "{}"));
        Assert.Equal("offline", fleet.Workers()[0][1]);
    }

    [Fact]
    public void Window_Events_AreCountedByTask()
    {
        FleetWindow window = new();
        window.Add(Event("worker-heartbeat", null, """{"active": 1, "processed": 7, "sw_ident": "py-celery", "sw_ver": "5.2.6"}"""));
        Assert.False(window.SawTasks);
        for (int i = 1; i <= 20; i++)
        {
            window.Add(Event("task-received", $"a{i}", """{"name": "demo.add"}"""));
            window.Add(Event("task-started", $"a{i}", "{}"));
            window.Add(Event("task-succeeded", $"a{i}", $$"""{"runtime": {{i}}}"""));
        }

        window.Add(Event("task-failed", "b", """{"exception": "ValueError('no')"}"""));
        ObserveReport report = new("redis://h", TimeSpan.FromSeconds(10), window, null, [("celery", 3)]);
        using StringWriter text = new();
        report.WriteTables(new CommandOutput(json: false, text, TextWriter.Null));
        Assert.Equal(
            """
            redis://h, watched for 10 s

            WORKER  STATE   ACTIVE  PROCESSED  SOFTWARE
            w1@h    online  1       7          py-celery 5.2.6

            QUEUE   READY
            celery  3

            tasks a second: 2 started, 2 succeeded, 0.1 failed

            TASK               STARTED  SUCCEEDED  FAILED  RETRIED  P50       P95       LAST EXCEPTION
            (received before)  0        0          1       0        -         -         ValueError('no')
            demo.add           20       20         0       0        10.000 s  19.000 s  -

            """,
            text.ToString());
    }

    private static EventRecord Event(string type, string? task, string body) => new(type, "w1@h", task, Noon, RawJson.Parse(body));
}
