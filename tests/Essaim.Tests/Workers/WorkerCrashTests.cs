using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>What becomes of tasks when something dies.</summary>
public sealed class WorkerCrashTests
{
    [Fact]
    public async Task ChildKilledMidTask_TaskRunsAgainAndSucceedsOnItsSecondDelivery()
    {
        await using RunningWorker worker = new();
        string id = await worker.SendAsync("dieonce");

        Assert.Equal("SUCCESS \"survived:2\"", await worker.ResultAsync(id));
    }

    [Fact]
    public async Task PoisonTask_KillsItsProcessEachTime_IsADeadLetterAfterFive()
    {
        await using RunningWorker worker = new();
        TaskMessage poison = Script.Message("die", id: "poison-1");
        await worker.SendAsync(poison);

        string result = await worker.ResultAsync("poison-1");

        DeadLetter letter = Assert.Single(await worker.Backend.Broker.GetDeadLettersAsync(10, TestContext.Current.CancellationToken));
        Assert.Equal("Task die[poison-1] ended the process that ran it: delivery 5 of 5 was killed by SIGKILL.", letter.Reason);
        Assert.Equal(5, letter.DeliveryCount);
        Assert.StartsWith("FAILURE {\"exc_type\":\"WorkerLostError\"", result, StringComparison.Ordinal);
        Assert.Equal(5, worker.Events.Count(one => one.Type == "task-started"));
    }

    [Fact]
    public async Task PoisonTask_OthersInHand_AreNotCountedAgainstIt()
    {
        await using RunningWorker worker = new();
        TaskMessage[] good = [.. Enumerable.Range(0, 20).Select(_ => Script.Message("echo", "x"))];
        await worker.SendAsync([.. good, Script.Message("die"), .. good.Select(_ => Script.Message("noop"))]);

        foreach (TaskMessage message in good)
            Assert.Equal("SUCCESS \"x:1\"", await worker.ResultAsync(message.Id));
    }

    [Fact]
    public async Task HardLimit_TaskWithAGrandchild_FailsWithCelerysErrorAndBothAreGone()
    {
        await using RunningWorker worker = new(options => options.HardTimeLimit = TimeSpan.FromSeconds(2));
        string id = await worker.SendAsync("spawn");

        string result = await worker.ResultAsync(id);

        Assert.Equal("""FAILURE {"exc_type":"TimeLimitExceeded","exc_message":[2],"exc_module":"billiard.exceptions"}""", result);
        string line = worker.Logger.Lines.First(one => one.StartsWith(id, StringComparison.Ordinal));
        int grandchild = int.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        await RunningWorker.UntilAsync(() => !Processes.IsAlive(grandchild));
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
    }

    [Fact]
    public async Task SoftLimit_OfTheMessage_GoesBeforeTheWorkersOwn()
    {
        await using RunningWorker worker = new(options => options.SoftTimeLimit = TimeSpan.FromHours(1));
        TaskMessage message = Script.Message("wait") with { TimeLimits = new TimeLimits(null, TimeSpan.FromMilliseconds(50)) };
        await worker.SendAsync(message);

        Assert.Contains("SoftTimeLimit", await worker.ResultAsync(message.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThreadsPool_HardLimitOfADeafTask_SlotIsAbandonedAndReplaced()
    {
        await using RunningWorker worker = new(options =>
        {
            options.Pool = WorkerPool.Threads;
            options.HardTimeLimit = TimeSpan.FromMilliseconds(100);
        });
        string deaf = await worker.SendAsync("deaf");

        Assert.StartsWith("FAILURE {\"exc_type\":\"TimeLimitExceeded\"", await worker.ResultAsync(deaf), StringComparison.Ordinal);
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
    }

    [Fact]
    public async Task ChildrenThatDoNotStart_ThreeTimes_EndTheWorkerWithOneError()
    {
        await using RunningWorker worker = new(launch: new ChildLaunch("/bin/sh", ["-c", "exit 9"], new Dictionary<string, string?>()));

        WorkerException failure = await Assert.ThrowsAsync<WorkerException>(() => worker.Ended.WaitAsync(TimeSpan.FromSeconds(60)));

        Assert.Equal("ESS3001", failure.Code);
        Assert.Matches(
            @"^The worker stops because child processes did not start 3 times in a row\. The last time: The child process \d+ exited with code 9 before it was ready\. Run the same program with --pool threads to see whether it starts at all, and look for what it does before its tasks run\.$",
            failure.Message);
    }

    [Fact]
    public async Task TwoThousandTasks_ThroughTwoChildren_EachCompletesExactlyOnce()
    {
        string ran = Directory.CreateTempSubdirectory().FullName;
        await using RunningWorker worker = new(options => options.MaxConcurrency = 2);
        TaskMessage[] messages = [.. Enumerable.Range(0, 2000).Select(_ => Script.Message("count", ran))];
        await worker.SendAsync(messages);

        await RunningWorker.UntilAsync(async () =>
            (await worker.Backend.Results.ReadCompletionsAsync(0, 5000, TestContext.Current.CancellationToken)).Count >= 2000);

        Assert.Equal(2000, Directory.GetFiles(ran).Length);
        Directory.Delete(ran, recursive: true);
        IReadOnlyList<FeedEntry> feed = await worker.Backend.Results.ReadCompletionsAsync(0, 5000, TestContext.Current.CancellationToken);
        Assert.Equal(messages.Select(message => message.Id).Order(StringComparer.Ordinal), feed.Select(entry => entry.Completion.TaskId).Order(StringComparer.Ordinal));
        Assert.All(feed, entry => Assert.Equal(TaskState.Success, entry.Completion.State));
    }
}
