using Essaim.Protocol;

namespace Essaim.Tests.App;

/// <summary>Answers as a Celery 5.2 worker gives them.</summary>
public sealed class InspectTableTests
{
    private const string Active =
        """
        [{"id": "649f", "name": "tasks.sleep", "args": [4], "kwargs": {"é": "x\ny"}, "type": "tasks.sleep", "hostname": "w1@devhost", "time_start": 1795314256.3282857,
        "acknowledged": true, "delivery_info": {"exchange": "", "routing_key": "celery", "priority": 0, "redelivered": null}, "worker_pid": 13104}]
        """;

    private const string Scheduled =
        """
        [{"eta": "2026-11-22T02:34:45.512414+00:00", "priority": 6, "request": {"id": "5a67", "name": "tasks.add", "args": [1, 2], "kwargs": {}, "time_start": null, "worker_pid": null}}]
        """;

    private const string Stats =
        """
        {"total": {"tasks.add": 1, "tasks.mul": 2}, "pid": 12953, "clock": "4", "uptime": 3661, "pool": {"max-concurrency": 1, "processes": [12990]}, "prefetch_count": 1}
        """;

    [Fact]
    public void Ping_Pong_IsOneRow() => Check(InspectTable.Ping, """{"ok": "pong"}""", "ANSWER", "pong");

    [Fact]
    public void Tasks_Active_ShowsWhatRunsSinceWhen() =>
        Check(InspectTable.Tasks, Active, "ID|NAME|ARGS|KWARGS|SINCE|PID", """649f|tasks.sleep|[4]|{"é":"x\ny"}|2026-11-22 02:24:16Z|13104""");

    [Fact]
    public void Scheduled_Eta_ShowsTheTask() => Check(
        InspectTable.Scheduled, Scheduled, "ID|NAME|ARGS|KWARGS|ETA|PRIORITY", "5a67|tasks.add|[1,2]|{}|2026-11-22T02:34:45.512414+00:00|6");

    [Fact]
    public void Stats_OfCelery_SumsWhatWasDone() => Check(InspectTable.Stats, Stats, "PID|UPTIME|POOL|SLOTS|PREFETCH|PROCESSED|LABELS|MACHINE", "12953|01:01:01|processes|1|1|3|-|-");

    [Fact]
    public void Registered_Names_AreARowEach() =>
        Check(InspectTable.Registered, """["tasks.add", "tasks.limited [rate_limit=2/s]"]""", "TASK", "tasks.add", "tasks.limited [rate_limit=2/s]");

    [Fact]
    public void Queues_Celery_HasExchangeAndKey() => Check(
        InspectTable.Queues, """[{"name": "celery", "exchange": {"name": "ex", "type": "direct"}, "routing_key": "key", "alias": null}]""", "QUEUE|EXCHANGE|KEY", "celery|ex|key");

    [Fact]
    public void Settings_Conf_IsARowASetting() => Check(
        InspectTable.Settings, """{"worker_prefetch_multiplier": 1, "deprecated_settings": null, "include": ["capapp"]}""", "SETTING|VALUE",
        "worker_prefetch_multiplier|1", "deprecated_settings|-", """include|["capapp"]""");

    [Fact]
    public void Queried_ActiveTask_ShowsItsState() => Check(
        InspectTable.Queried, """{"0f4d": ["active", {"id": "0f4d", "name": "tasks.sleep", "args": [4], "kwargs": {}, "time_start": null, "worker_pid": 14105}]}""",
        "ID|STATE|NAME|ARGS|KWARGS|SINCE|PID", "0f4d|active|tasks.sleep|[4]|{}|-|14105");

    [Fact]
    public void Clock_Number_IsTheValue() => Check(InspectTable.Clock, """{"clock": 7}""", "VALUE", "7");

    [Fact]
    public void Answers_ErrorAndOk_AreToldApart()
    {
        Check(ControlVerb.Answers, """{"ok": "pool will grow"}""", "ANSWER", "pool will grow");
        Check(ControlVerb.Answers, """{"error": "ValueError('Autoscale not enabled')"}""", "ANSWER", "error: ValueError('Autoscale not enabled')");
    }

    [Fact]
    public void EveryTable_AnyOddValue_ShowsItAsItIs()
    {
        string[] odd = ["null", "true", "-1e300", "\"x\\u001b[2Jy\"", "[]", "[[]]", "[null, 5, \"a\"]", "{}", "{\"a\": [1, 2]}", "{\"error\": {\"deep\": []}}", "{\"total\": {\"x\": 1.5}, \"uptime\": \"soon\"}"];
        InspectTable[] tables =
        [
            InspectTable.Values, InspectTable.Ping, InspectTable.Clock, InspectTable.Items, InspectTable.Registered, InspectTable.Stats, InspectTable.Tasks,
            InspectTable.Scheduled, InspectTable.Queues, InspectTable.Settings, InspectTable.Queried, ControlVerb.Answers,
        ];
        foreach (InspectTable table in tables)
        {
            foreach (string value in odd)
            {
                IReadOnlyList<IReadOnlyList<string>> rows = table.Make([new ControlReply("w1@h", RawJson.Parse(value))]);
                Assert.All(rows, row => Assert.Equal(table.Headers.Count + 1, row.Count));
                Assert.DoesNotContain(rows.SelectMany(row => row), cell => cell.Any(char.IsControl));
            }
        }

        Check(InspectTable.Tasks, """{"error": "no"}""", "ID|NAME|ARGS|KWARGS|SINCE|PID", """{"error":"no"}|-|-|-|-|-""");
    }

    private static void Check(InspectTable table, string value, string headers, params string[] rows)
    {
        Assert.Equal(headers, string.Join('|', table.Headers));
        Assert.Equal(rows.Select(row => $"w1@devhost|{row}"), table.Make([new ControlReply("w1@devhost", RawJson.Parse(value))]).Select(row => string.Join('|', row)));
    }
}
