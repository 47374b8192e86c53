using System.Text.Json;

namespace Essaim.Cli.Tests;

/// <summary>The verbs of <c>config</c>, on the real program.</summary>
public sealed class ConfigTests : IDisposable
{
    private const string File = "essaim.queues.yaml";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Validate_MistakesAndNone_AreSaid()
    {
        await WriteAsync("queues: { scan: { priority: hihg } }\n");
        CliResult wrong = await RunAsync("config", "validate");
        Assert.Equal(
            new CliResult(ExitCodes.Unusable, "", $"essaim: ESS1301: {File} has a mistake:\n  {File}:1:29: queues.scan.priority: 'hihg' is no priority. Did you mean 'high'?\n"), wrong);
        using (JsonDocument mistakes = JsonDocument.Parse((await RunAsync("config", "validate", "--format", "json")).Output))
            Assert.Equal(29, mistakes.RootElement.GetProperty("mistakes")[0].GetProperty("column").GetInt32());

        await WriteAsync("revision: 3\nqueues: { scan: }\nenvironments: { prod: { base: { worker_heartbeat: 5m } } }\n");
        Assert.Equal(
            new CliResult(
                ExitCodes.Ok, $"{File} is right: revision 3, 1 queues, 0 routes, 0 settings; environments prod\n",
                "Tasks no route fits go to 'celery', which is not among the queues. Define it, route '*', or set task_default_queue.\n"),
            await RunAsync("config", "validate"));
        Assert.Equal(
            $"essaim: ESS1303: The configuration 'none.yaml' cannot be read: Could not find file '{_folder["none.yaml"]}'. Check the path and who may read it.\n",
            (await RunAsync("config", "validate", "none.yaml")).Errors);
    }

    [Fact]
    public async Task Publish_DiffShowHistoryRollBackDoctor_AgreeWithARunningWorker()
    {
        await WriteAsync("revision: 1\nqueues: { celery: , scan: { class: io, concurrency: 4 } }\nroutes: { demo.*: scan }\n");
        await using CliRun worker = CliRun.Start(_folder.Path, "worker", "-n", "w1@here", "-c", "1");
        await worker.WaitForErrorsAsync("[CELERY_CONFIG_PUBLISHER] published ");
        await worker.WaitForErrorsAsync("is up");
        Assert.Contains("  queues  celery, scan", worker.Errors, StringComparison.Ordinal);
        Assert.Equal("5\n", (await RunAsync("call", "demo.add", "2", "3")).Output);

        await WriteAsync("revision: 2\nqueues: { celery: , scan: { class: io, concurrency: 8, time_limit: 90s } }\nroutes: { demo.*: celery }\n");
        CliResult diff = await RunAsync("config", "diff");
        Assert.Equal(new CliResult(ExitCodes.Failed, "  ~ queues.scan.concurrency: 4 -> 8\n  + queues.scan.time_limit: 90\n  ~ routes.demo.*.queue: \"scan\" -> \"celery\"\n", ""), diff);
        CliResult published = await RunAsync("config", "publish");
        Assert.Equal(ExitCodes.Ok, published.ExitCode);
        Assert.EndsWith(diff.Output, published.Output, StringComparison.Ordinal);
        await worker.WaitForErrorsAsync(": revision 2 by ");

        Assert.Equal(
            "QUEUE   CLASS  PRIORITY  LIMITS     TIME LIMIT\ncelery  cpu    medium    -          -\nscan    io     medium    8 at once  90s\n\nTASKS   QUEUE\ndemo.*  celery\n",
            (await RunAsync("config", "show")).Output);
        CliResult doctor = await RunAsync("config", "doctor");
        Assert.Contains("worker w1@here  warn    runs what is published; its own source is older", doctor.Output, StringComparison.Ordinal);
        Assert.Contains("file            ok      essaim.queues.yaml is what is published", doctor.Output, StringComparison.Ordinal);
        Assert.Contains("queues          ok      each is served", doctor.Output, StringComparison.Ordinal);

        using JsonDocument history = JsonDocument.Parse((await RunAsync("config", "history", "--format", "json")).Output);
        Assert.Equal(2, history.RootElement.GetArrayLength());
        string old = history.RootElement[1].GetProperty("entry").GetProperty("version").GetString()!;
        Assert.Equal("w1@here", history.RootElement[1].GetProperty("entry").GetProperty("author").GetString());
        Assert.Equal(ExitCodes.Ok, (await RunAsync("config", "rollback", old)).ExitCode);
        await WriteAsync("revision: 2\nqueues: { celery: }\n");
        Assert.StartsWith("essaim: ESS1304: essaim.queues.yaml declares revision 2, and 2 of ", (await RunAsync("config", "publish")).Errors, StringComparison.Ordinal);
        Assert.Contains("\"queue\":\"scan\"", (await RunAsync("config", "show", "--format", "json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_Publications_AreReadableDiffs()
    {
        await WriteAsync("revision: 1\nqueues: { scan: }\n");
        await using CliRun worker = CliRun.Start(_folder.Path, "worker", "-n", "w1@here", "-c", "1", "-l", "warning");
        await worker.WaitForErrorsAsync("slots");
        await using CliRun watch = CliRun.Start(_folder.Path, "config", "watch", "--limit", "1");
        Task<CliResult> ended = watch.EndAsync();

        // What was published before it began to watch is no change: one more, until it has seen one.
        for (int revision = 2; !ended.IsCompleted; revision++)
        {
            await WriteAsync($"revision: {revision}\nqueues: {{ scan: {{ rate: {revision}/s }} }}\n");
            Assert.Equal(ExitCodes.Ok, (await RunAsync("config", "publish")).ExitCode);
        }

        Assert.Equal(ExitCodes.Ok, (await ended).ExitCode);
        Assert.Matches("(?m)^  [+~] queues.scan.rate: ", (await ended).Output);
    }

    private Task WriteAsync(string text) => System.IO.File.WriteAllTextAsync(_folder[File], text, TestContext.Current.CancellationToken);

    private Task<CliResult> RunAsync(params string[] args) => CliRun.RunAsync(_folder.Path, args);
}
