using System.Text.Json;

namespace Essaim.Cli.Tests;

/// <summary>The verbs that watch and steer workers, against a real one.</summary>
public sealed class FleetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task InspectControl_OneWorker_AnswerAndSayWhoIsSilent()
    {
        await using CliRun worker = CliRun.Start(_folder.Path, "worker", "-n", "w1@here", "-c", "1", "-l", "warning");
        await worker.WaitForErrorsAsync("slots");
        string[] named = ["-d", "w1@here", "--timeout", "30s"];
        Assert.Equal(new CliResult(ExitCodes.Ok, "NODE     ANSWER\nw1@here  pong\n", ""), await RunAsync(["inspect", "ping", .. named]));
        Assert.Equal(
            new CliResult(ExitCodes.Ok, "NODE     ANSWER\nw1@here  pong\n", "essaim: w2@here did not answer within 1500ms.\n"),
            await RunAsync("inspect", "ping", "-d", "w1@here,w2@here", "--timeout", "1500ms"));
        Assert.Equal(
            new CliResult(ExitCodes.Ok, "NODE     QUEUE   EXCHANGE  KEY\nw1@here  celery  celery    celery\n", ""), await RunAsync(["inspect", "active-queues", .. named]));
        using (JsonDocument stats = JsonDocument.Parse((await RunAsync(["inspect", "stats", "--format", "json", .. named])).Output))
            Assert.Equal(worker.Id, stats.RootElement.GetProperty("w1@here").GetProperty("pid").GetInt32());

        Assert.Equal(
            new CliResult(ExitCodes.Ok, "NODE     ANSWER\nw1@here  add consumer mail\n", ""), await RunAsync(["control", "add-consumer", "mail", .. named]));
        Assert.Equal(
            new CliResult(ExitCodes.Ok, "NODE     ANSWER\nw1@here  tasks a, b flagged as revoked\n", ""), await RunAsync(["control", "revoke", "a", "b", .. named]));
        Assert.Equal(
            new CliResult(ExitCodes.Failed, "NODE     ANSWER\nw1@here  error: unknown task\n", ""), await RunAsync(["control", "rate-limit", "no.such", "1/s", .. named]));
        Assert.Equal(
            new CliResult(ExitCodes.Unusable, "", "essaim: ESS4007: control shutdown asks before it stops workers, and nobody is there to answer. Give --yes.\n"),
            await RunAsync("control", "shutdown"));
        Assert.Equal(
            new CliResult(ExitCodes.Ok, "", "shutdown was sent to w1@here; workers do not answer it.\n"), await RunAsync("control", "shutdown", "--yes", "-d", "w1@here"));
        Assert.Equal(ExitCodes.Ok, (await worker.EndAsync()).ExitCode);

        Assert.Equal(
            new CliResult(
                ExitCodes.NotFound, "",
                $"essaim: ESS4020: No worker on sqlite:{_folder[".essaim/essaim.db"]} answered within 100ms: none runs, or all are too busy. Check the broker and the nodes, or wait longer with --timeout.\n"),
            await RunAsync("inspect", "ping", "--timeout", "100ms"));
    }

    [Fact]
    public async Task EventsObserve_TasksOfAWorker_AreShown()
    {
        await using CliRun worker = CliRun.Start(_folder.Path, "worker", "-n", "w1@here", "-c", "1", "-l", "warning");
        await worker.WaitForErrorsAsync("slots");
        Task<CliResult> events = RunAsync("events", "--type", "task-succeeded", "--limit", "1", "--format", "json");
        Task<CliResult> observe = RunAsync("observe", "--for", "15s", "--format", "json");
        while (!events.IsCompleted || !observe.IsCompleted)
            Assert.Equal(ExitCodes.Ok, (await RunAsync("call", "demo.add", "2", "3")).ExitCode);

        using JsonDocument seen = JsonDocument.Parse((await events).Output);
        Assert.Equal(
            ("task-succeeded", "w1@here", "5"),
            (seen.RootElement.GetProperty("type").GetString(), seen.RootElement.GetProperty("hostname").GetString(), seen.RootElement.GetProperty("result").GetString()));
        using JsonDocument report = JsonDocument.Parse((await observe).Output);
        Assert.Equal("w1@here", report.RootElement.GetProperty("workers")[0].GetProperty("name").GetString());
        Assert.True(report.RootElement.GetProperty("per_second").GetProperty("succeeded").GetDouble() > 0);
        Assert.Equal("", (await observe).Errors);
        await worker.SignalAsync("INT");
        Assert.Equal(ExitCodes.Ok, (await worker.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Top_OneWorker_IsShownWithItsQueues()
    {
        await using CliRun worker = CliRun.Start(_folder.Path, "worker", "-n", "w1@here", "-c", "1", "-Q", "celery,mail", "--label", "site=attic", "-l", "warning");
        await worker.WaitForErrorsAsync("slots");
        Assert.Equal(ExitCodes.Ok, (await RunAsync("call", "demo.add", "2", "3")).ExitCode);

        // A heartbeat comes every 2 s; how soon the first is heard is the machine's business.
        JsonElement shown;
        do
            shown = JsonSerializer.Deserialize<JsonElement>((await RunAsync("top", "--once", "--listen", "5s", "--format", "json")).Output);
        while (shown.GetProperty("workers").GetArrayLength() == 0 || !shown.GetProperty("workers")[0].TryGetProperty("slots", out JsonElement slots) || slots.ValueKind == JsonValueKind.Null);

        JsonElement one = shown.GetProperty("workers")[0];
        Assert.Equal(
            ("w1@here", true, 1, 0, 1, 1L),
            (one.GetProperty("name").GetString(), one.GetProperty("online").GetBoolean(), one.GetProperty("slots").GetInt32(), one.GetProperty("busy").GetInt32(),
                one.GetProperty("children").GetInt32(), one.GetProperty("processed").GetInt64()));
        // Beside what it was told it has the environments this machine turned out to offer.
        Assert.Equal("site=attic", Assert.Single(one.GetProperty("labels").EnumerateArray(), label => !label.GetString()!.StartsWith("env.", StringComparison.Ordinal)).GetString());
        Assert.Equal("[\"celery\",\"mail\"]", Compact(one.GetProperty("queues")));
        Assert.True(one.GetProperty("memory").GetInt64() > 1_000_000);
        Assert.Equal("celery", shown.GetProperty("queues")[0].GetProperty("name").GetString());
        Assert.Equal(0, shown.GetProperty("scalings").GetArrayLength());
        await worker.SignalAsync("INT");
        Assert.Equal(ExitCodes.Ok, (await worker.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Observe_NothingRuns_SaysHowToTurnEventsOn()
    {
        string[] broker = [$"sqlite:{_folder["b.db"]}"];
        await RunAsync("send", "now", "--queue", "mail", "--broker", broker[0]);
        Assert.Equal(
            new CliResult(
                ExitCodes.Ok,
                $"sqlite:{_folder["b.db"]}, watched for 1 s\n\nWORKER  STATE  ACTIVE  PROCESSED  SOFTWARE\n\nQUEUE  READY\nmail   1\n",
                "No worker was heard within 1s: none runs, or they send no heartbeats; 'essaim inspect ping' asks them.\n"
                + "No event of a task was seen within 1s: no task ran, or events of tasks are off; 'essaim control enable-events' turns them on.\n"),
            await RunAsync(["observe", .. broker, "--for", "1s"]));
    }

    private static string Compact(JsonElement value) => JsonSerializer.Serialize(value);

    private Task<CliResult> RunAsync(params string[] args) => CliRun.RunAsync(_folder.Path, args);
}
