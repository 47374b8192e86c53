using System.Text.Json;

namespace Essaim.Cli.Tests;

public sealed class RoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SendCallResult_WithAWorkerProcess_GiveResultsAndExitCodes()
    {
        await using CliRun worker = CliRun.Start(_folder.Path, "worker", "--autoscale", "2,1", "--pool", "processes", "-l", "warning");
        await worker.WaitForErrorsAsync("slots");
        Assert.Equal(
            $"essaim worker celery@{Environment.MachineName}\n  broker  sqlite:{_folder[".essaim/essaim.db"]}\n  queues  celery\n  slots   1 to 2 (child processes)\n",
            worker.Errors);

        Assert.Equal(new CliResult(ExitCodes.Ok, "-1\n", ""), await RunAsync("call", "demo.add", "2", "-3"));
        Assert.Equal(new CliResult(ExitCodes.Ok, "5\n", ""), await RunAsync("call", "demo.add", "y=2", "x=3"));
        Assert.Equal(new CliResult(ExitCodes.Ok, "{\"a\":[\"é\",1]}\n", ""), await RunAsync("call", "demo.echo", "{\"a\": [\"é\", 1]}"));
        Assert.Equal(new CliResult(ExitCodes.Ok, "plain text\n", ""), await RunAsync("call", "demo.echo", "plain text"));

        CliResult failed = await RunAsync("call", "demo.fail", "message=on purpose", "--id", "f1");
        Assert.Equal(new CliResult(ExitCodes.Failed, "", "essaim: ESS1201: The task f1 failed: InvalidOperationException('on purpose')\n"), failed);
        Assert.Equal(failed, await RunAsync("result", "f1"));

        Assert.Equal(new CliResult(ExitCodes.Ok, "2\n", ""), await RunAsync("call", "demo.add", "1", "1", "--unique", "k", "--unique-until", "elapsed", "--unique-for", "1h", "--id", "u1"));
        Assert.Equal(
            new CliResult(ExitCodes.Ok, "u1\n", "Not sent: task u1 with this key waits or runs already.\n"),
            await RunAsync("send", "demo.add", "1", "1", "--unique", "k"));

        CliResult sent = await RunAsync("send", "demo.add", "1", "2");
        Assert.Equal(new CliResult(ExitCodes.Ok, "3\n", ""), await RunAsync("result", sent.Output.Trim(), "--wait"));
        using JsonDocument document = JsonDocument.Parse((await RunAsync("result", sent.Output.Trim(), "--format", "json")).Output);
        Assert.Equal("SUCCESS", document.RootElement.GetProperty("status").GetString());

        await worker.SignalAsync("INT");
        Assert.Equal(ExitCodes.Ok, (await worker.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task SendQueuesPurge_WithoutAWorker_ShowWhatWaits()
    {
        string[] broker = ["--broker", $"sqlite:{_folder["b.db"]}"];
        await RunAsync(["send", "later", "--countdown", "1h", "--id", "t1", .. broker]);
        await RunAsync(["send", "now", "--queue", "mail", "--id", "t2", .. broker]);

        using JsonDocument queues = JsonDocument.Parse((await RunAsync(["queues", "--format", "json", .. broker])).Output);
        Assert.Equal(
            ["celery 0 1", "mail 1 0"],
            queues.RootElement.EnumerateArray().Select(queue => $"{queue.GetProperty("name")} {queue.GetProperty("ready")} {queue.GetProperty("delayed")}"));
        Assert.Equal(
            new CliResult(ExitCodes.Timeout, "", "essaim: ESS4005: The task t2 has not ended: it waits in queue mail. Wait for it with --wait.\n"),
            await RunAsync(["result", "t2", .. broker]));
        CliResult late = await RunAsync(["result", "t2", "--wait", "--timeout", "50ms", .. broker]);
        Assert.Equal((ExitCodes.Timeout, ""), (late.ExitCode, late.Output));
        Assert.Equal(
            new CliResult(ExitCodes.NotFound, "", $"essaim: ESS4004: The broker sqlite:{_folder["b.db"]} knows no task t9: it was never sent here, or its result has expired or was not kept.\n"),
            await RunAsync(["result", "t9", .. broker]));
        Assert.Equal(
            new CliResult(ExitCodes.Unusable, "", "essaim: ESS4007: purge asks before it removes anything, and nobody is there to answer. Give --yes.\n"),
            await RunAsync(["purge", "mail", .. broker]));
        Assert.Equal(new CliResult(ExitCodes.Ok, "1 messages removed from mail\n", ""), await RunAsync(["purge", "mail", "--yes", .. broker]));
        Assert.Equal(
            new CliResult(ExitCodes.NotFound, "", $"essaim: ESS4006: The broker sqlite:{_folder["b.db"]} has no queue 'post'. 'essaim queues' lists them.\n"),
            await RunAsync(["purge", "post", "--yes", .. broker]));
    }

    [Fact]
    public async Task Schedule_AddPauseResumeRemove_DoAsTheySay()
    {
        string[] broker = ["--broker", $"sqlite:{_folder["s.db"]}"];
        CliResult added = await RunAsync(["schedule", "add", "nightly", "reports.build", "full=true", "--cron", "0 3 * * *", "--overlap", "skip", .. broker]);
        Assert.Matches(@"^nightly fires next at \d{4}-\d\d-\d\d 03:00:00Z\n$", added.Output);
        Assert.Equal(new CliResult(ExitCodes.Ok, "nightly paused\n", ""), await RunAsync(["schedule", "pause", "nightly", .. broker]));
        using JsonDocument paused = JsonDocument.Parse((await RunAsync(["schedule", "list", "--format", "json", .. broker])).Output);
        Assert.False(paused.RootElement[0].GetProperty("enabled").GetBoolean());
        Assert.Equal("{\"full\":true}", paused.RootElement[0].GetProperty("definition").GetProperty("kwargs").GetRawText().Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));
        Assert.Equal(added, await RunAsync(["schedule", "resume", "nightly", .. broker]));
        Assert.Equal(new CliResult(ExitCodes.Ok, "nightly removed\n", ""), await RunAsync(["schedule", "remove", "nightly", .. broker]));
        Assert.Equal(
            new CliResult(ExitCodes.NotFound, "", "essaim: ESS4008: There is no schedule 'nightly'. 'essaim schedule list' shows them.\n"),
            await RunAsync(["schedule", "remove", "nightly", .. broker]));
        Assert.Equal(
            new CliResult(ExitCodes.Unusable, "", "essaim: ESS4009: A schedule needs either --cron TEXT or --every DURATION.\n"),
            await RunAsync(["schedule", "add", "x", "y", .. broker]));
    }

    private Task<CliResult> RunAsync(params string[] args) => CliRun.RunAsync(_folder.Path, args);
}
