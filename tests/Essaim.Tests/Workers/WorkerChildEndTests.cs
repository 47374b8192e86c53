using System.Globalization;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>Children that are ended, or end by themselves: what the record says, and that nothing of them stays behind.</summary>
public sealed class WorkerChildEndTests
{
    private const long Limit = 150L << 20;

    [Theory]
    [InlineData("hog", true)]
    [InlineData("hog", false)]
    [InlineData("hogprogram", true)]
    [InlineData("hogprogram", false)]
    public async Task MemoryLimit_TaskOrItsProgramTakesMore_KilledMidTaskAndTheRecordSaysSo(string task, bool caged)
    {
        Assert.SkipWhen(caged && MemoryCages.Find() is null, "This account may make no control groups with a memory limit here.");
        await using RunningWorker worker = new(options => (options.MemoryLimitPerChild, options.MaxDeliveries) = (Limit, 2), caged: caged);
        TaskMessage hog = Script.Message(task, "400", id: "hog-1");
        await worker.SendAsync(hog);

        string result = await worker.ResultAsync("hog-1");

        DeadLetter letter = Assert.Single(await worker.Backend.Broker.GetDeadLettersAsync(10, TestContext.Current.CancellationToken));
        string size = caged ? "" : @"\d+ MB of ";
        Assert.Matches($@"^Task {task}\[hog-1\] ended the process that ran it: delivery 2 of 2 ran out of memory, {size}at most 150 MB\.$", letter.Reason);
        Assert.Contains("ran out of memory", result, StringComparison.Ordinal);
        Assert.Equal("memory", CauseOf(worker, "task-failed"));
        Assert.Contains(worker.Logger.Lines, line => line.Contains("goes back to the front of its queue: what ran it ran out of memory", StringComparison.Ordinal));
        Assert.Contains(worker.Logger.Lines, line => line.StartsWith(caged ? "Children may have 150 MB: the kernel" : "Children may have 150 MB: this worker looks", StringComparison.Ordinal));
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
    }

    [Fact]
    public async Task MaxMemory_ChildGrewLarger_TaskEndsInPeaceAndAnotherChildFollows()
    {
        await using RunningWorker worker = new(options => options.MaxMemoryPerChild = Limit);
        string first = await worker.ResultAsync(await worker.SendAsync("ballast", "300"));

        await RunningWorker.UntilAsync(() => worker.Logger.Lines.Any(line => line.Contains("is replaced when it is idle", StringComparison.Ordinal)));

        Assert.StartsWith("SUCCESS", first, StringComparison.Ordinal);
        Assert.NotEqual(first, await worker.ResultAsync(await worker.SendAsync("ballast", "0")));
    }

    [Theory]
    [InlineData("--max-memory-per-child")]
    [InlineData("--memory-limit-per-child")]
    public async Task Cap_BelowWhatAFreshChildTakes_IsRefusedAtTheStartWithTheNumber(string option)
    {
        await using RunningWorker worker = new(options =>
        {
            if (option == "--max-memory-per-child")
                options.MaxMemoryPerChild = 5 << 20;
            else
                options.MemoryLimitPerChild = 5 << 20;
        });

        WorkerException refusal = await Assert.ThrowsAsync<WorkerException>(() => worker.Ended.WaitAsync(TimeSpan.FromSeconds(60)));

        Assert.Equal("ESS3003", refusal.Code);
        Assert.Matches(
            $@"^The worker stops because a child process takes \d+ MB before its first task, and {option} allows 5 MB\. Give more, such as {option} \d+M, or leave it out\.$",
            refusal.Message);
    }

    [Fact]
    public async Task CappedChildrenThatDoNotStart_ThreeTimes_EndTheWorkerWithOneError()
    {
        await using RunningWorker worker = new(
            options => options.MemoryLimitPerChild = Limit, launch: new ChildLaunch("/bin/sh", ["-c", "kill -KILL $$"], new Dictionary<string, string?>()));

        WorkerException failure = await Assert.ThrowsAsync<WorkerException>(() => worker.Ended.WaitAsync(TimeSpan.FromSeconds(60)));

        Assert.Equal("ESS3001", failure.Code);
        Assert.Matches(@"did not start 3 times in a row\. The last time: The child process \d+ was killed by SIGKILL before it was ready\.", failure.Message);
    }

    [Fact]
    public async Task HardLimit_GrandchildIgnoresSigterm_IsKilledAfterTheGraceAndTheRecordSaysWhy()
    {
        await using RunningWorker worker = new(options => (options.HardTimeLimit, options.KillGrace) = (TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(300)));
        string id = await worker.SendAsync("stubborn");

        Assert.Equal("""FAILURE {"exc_type":"TimeLimitExceeded","exc_message":[2],"exc_module":"billiard.exceptions"}""", await worker.ResultAsync(id));

        await RunningWorker.UntilAsync(() => !Processes.IsAlive(GrandchildOf(worker, id)));
        Assert.Equal("time", CauseOf(worker, "task-failed"));
        Assert.Equal("What ran the task ran longer than its hard limit of 2 s.", BodyOf(worker, "task-failed").GetProperty("traceback").GetString());
    }

    [Fact]
    public async Task Terminate_RunningTask_IsRevokedAndItsProgramsAreGone()
    {
        await using RunningWorker worker = new();
        string id = await worker.SendAsync("spawn");
        await RunningWorker.UntilAsync(() => worker.Logger.Lines.Any(line => line.StartsWith(id, StringComparison.Ordinal)));

        await worker.ControlAsync("revoke", new { task_id = id, terminate = true });

        Assert.StartsWith("REVOKED", await worker.ResultAsync(id), StringComparison.Ordinal);
        Assert.Equal("revoked", CauseOf(worker, "task-revoked"));
        await RunningWorker.UntilAsync(() => !Processes.IsAlive(GrandchildOf(worker, id)));
    }

    [Fact]
    public async Task Crash_TaskWithAStubbornProgram_NothingStaysBehind()
    {
        await using RunningWorker worker = new(options => options.MaxDeliveries = 1);
        string id = await worker.SendAsync("stubborn", "crash");

        string result = await worker.ResultAsync(id);

        Assert.Contains("delivery 1 of 1 was killed by SIGSEGV.", result, StringComparison.Ordinal);
        Assert.Equal("crash(SIGSEGV)", CauseOf(worker, "task-failed"));
        await RunningWorker.UntilAsync(() => !Processes.IsAlive(GrandchildOf(worker, id)));
    }

    [Fact]
    public async Task ColdStop_TaskRunning_ItsChildIsEndedByTheOperator()
    {
        RunningWorker worker = new();
        string id = await worker.SendAsync("deaf");
        await worker.UntilStartedAsync(id);

        await worker.DisposeAsync();

        Assert.Contains(worker.Logger.Lines, line => line.EndsWith("was ended because the worker was told to stop at once (operator).", StringComparison.Ordinal));
    }

    /// <summary>500 recycles under load; takes minutes on a small machine.</summary>
    [Fact(Explicit = true)]
    public Task Recycling_FiveHundredTimesUnderLoad_NoTaskIsLostOrDoubled() => RecycleAsync(tasks: 2500);

    [Fact]
    public Task Recycling_AfterEachFewTasksUnderLoad_NoTaskIsLostOrDoubled() => RecycleAsync(tasks: 200);

    private static async Task RecycleAsync(int tasks)
    {
        string ran = Directory.CreateTempSubdirectory().FullName;
        await using RunningWorker worker = new(options => (options.MaxConcurrency, options.MaxTasksPerChild) = (2, 5));
        TaskMessage[] messages = [.. Enumerable.Range(0, tasks).Select(_ => Script.Message("count", ran))];
        int sent = 0;
        foreach (TaskMessage[] batch in messages.Chunk(250))
        {
            await worker.SendAsync(batch);
            sent += batch.Length;
            await RunningWorker.UntilAsync(async () =>
                (await worker.Backend.Results.ReadCompletionsAsync(0, 5000, TestContext.Current.CancellationToken)).Count >= sent);
        }

        IReadOnlyList<FeedEntry> feed = await worker.Backend.Results.ReadCompletionsAsync(0, 5000, TestContext.Current.CancellationToken);
        Assert.Equal(tasks, Directory.GetFiles(ran).Length);
        Assert.Equal(messages.Select(message => message.Id).Order(StringComparer.Ordinal), feed.Select(entry => entry.Completion.TaskId).Order(StringComparer.Ordinal));
        Assert.All(feed, entry => Assert.Equal(TaskState.Success, entry.Completion.State));
        Directory.Delete(ran, recursive: true);
    }

    private static string? CauseOf(RunningWorker worker, string type) => BodyOf(worker, type).GetProperty("cause").GetString();

    private static JsonElement BodyOf(RunningWorker worker, string type)
    {
        Assert.True(SpinWait.SpinUntil(() => worker.Events.Any(one => one.Type == type), TimeSpan.FromSeconds(20)));
        return worker.Events.First(one => one.Type == type).Body.Deserialize<JsonElement>();
    }

    private static int GrandchildOf(RunningWorker worker, string id)
    {
        string line = worker.Logger.Lines.First(one => one.StartsWith(id, StringComparison.Ordinal));
        return int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }
}
