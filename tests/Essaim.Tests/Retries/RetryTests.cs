using Essaim.Protocol;
using Essaim.Testing;

namespace Essaim.Tests.Retries;

public sealed class RetryTests
{
    private static readonly RetryPolicy Steady = new() { MaxRetries = 2, Delay = TimeSpan.FromSeconds(10), Jitter = false };

    [Fact]
    public async Task Failure_UnderAPolicy_IsTriedAgainWithBackOff()
    {
        List<DateTimeOffset> runs = [];
        await using TaskTestHost host = new(services => services.AddTask(
            "flaky",
            (TaskContext context, TimeProvider time) =>
            {
                runs.Add(time.GetUtcNow());
                return context.Attempt < 3 ? throw new TimeoutException("slow") : context.Attempt;
            },
            task => task.RetryPolicy = Steady));
        DateTimeOffset start = host.Time.GetUtcNow();
        TaskHandle handle = await host.Client.SendAsync("flaky", cancellationToken: TestContext.Current.CancellationToken);

        await host.Worker.RunForAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);

        Assert.Equal(3, await handle.GetResultAsync<int>(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal([0, 10, 30], runs.Select(run => (run - start).TotalSeconds));
    }

    [Fact]
    public async Task Retry_KeepsIdQueuePriorityAndHeaders_AndStoresRetry()
    {
        await using TaskTestHost host = new(services => services.AddTask("flaky", int () => throw new TimeoutException("slow"), task => task.RetryPolicy = Steady));
        EnqueueOptions options = new()
        {
            TaskId = "t",
            Queue = "slow-lane",
            Priority = 6,
            Headers = new Dictionary<string, object?> { ["tenant"] = "acme" },
            HardTimeLimit = TimeSpan.FromSeconds(50),
        };
        TaskHandle handle = await host.Client.SendAsync("flaky", options: options, cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        EnqueuedTask again = host.Enqueued[1];
        Assert.Equal(("t", "slow-lane", 6, 1), (again.Id, again.Queue, again.Priority, again.Message.Retries));
        Assert.Equal(host.Time.GetUtcNow() + TimeSpan.FromSeconds(10), again.NotBefore);
        Assert.Equal(again.NotBefore, again.Message.Eta);
        Assert.Equal("\"acme\"", again.Message.Headers["tenant"].ToString());
        Assert.Equal(TimeSpan.FromSeconds(50), again.Message.TimeLimits.Hard);
        Assert.NotEqual(host.Enqueued[0].Message.DeliveryTag, again.Message.DeliveryTag);
        ResultDocument stored = (await handle.GetDocumentAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(TaskState.Retry, stored.State);
        Assert.Equal("TimeoutError('slow')", ExceptionDocument.Decode(stored.Result).ToRepr());
        Assert.Null(stored.DateDone);
    }

    [Fact]
    public async Task Retries_WhenUsedUp_EndInTheFailure()
    {
        int runs = 0;
        await using TaskTestHost host = new(services => services.AddTask(
            "flaky", int () => throw new TimeoutException($"slow {++runs}"), task => task.RetryPolicy = Steady));
        TaskHandle handle = await host.Client.SendAsync("flaky", cancellationToken: TestContext.Current.CancellationToken);

        await host.Worker.RunForAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(
            () => handle.GetResultAsync<int>(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("slow 3", error.Error.GetText());
        Assert.Equal(3, runs);
        Assert.Single(await host.Backend.Results.ReadCompletionsAsync(0, 10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Failure_NotCoveredByThePolicy_IsFinal()
    {
        await using TaskTestHost host = new(services => services.AddTask(
            "flaky", int () => throw new InvalidOperationException("broken"), task => task.RetryPolicy = Steady.On<TimeoutException>()));

        Assert.Equal(TaskState.Failure, (await host.RunAsync("flaky", stop: TestContext.Current.CancellationToken)).State);
    }

    [Fact]
    public async Task Call_WithItsOwnPolicy_OverridesTheTasks()
    {
        await using TaskTestHost host = new(services => services.AddTask("flaky", int () => throw new TimeoutException("slow"), task => task.RetryPolicy = Steady));
        await host.Client.SendAsync(
            "flaky", options: new EnqueueOptions { RetryPolicy = new RetryPolicy { MaxRetries = 1, Delay = TimeSpan.FromSeconds(1), Jitter = false } },
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(2, await host.Worker.RunForAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AskedRetry_WithoutAPolicy_WaitsAsCeleryDoes_ThreeTimes()
    {
        await using TaskTestHost host = new(services => services.AddTask("later", int () => throw new TaskRetryException()));

        TaskRun first = await host.RunAsync("later", stop: TestContext.Current.CancellationToken);
        TaskRun last = await host.RunAsync("later", attempt: 4, stop: TestContext.Current.CancellationToken);

        Assert.Equal((TaskState.Retry, TimeSpan.FromSeconds(180)), (first.State, first.RetryAfter));
        Assert.Equal(ExceptionDocument.Of("Retry", "The task asked to be tried again.", "celery.exceptions"), first.Error);
        Assert.Equal(TaskState.Failure, last.State);
        Assert.Equal("MaxRetriesExceededError", last.Error!.Type);
        Assert.Matches(@"^Can't retry later\[[0-9a-f-]{36}\] args:\(\) kwargs:\{\}$", last.Error.GetText());
    }

    [Fact]
    public async Task AskedRetry_WithDelayAndCause_UsesBoth()
    {
        await using TaskTestHost host = new(services => services.AddTask(
            "later", int () => throw new TaskRetryException(TimeSpan.FromSeconds(7), new TimeoutException("slow"))));

        TaskRun first = await host.RunAsync("later", stop: TestContext.Current.CancellationToken);
        TaskRun last = await host.RunAsync("later", attempt: 4, stop: TestContext.Current.CancellationToken);

        Assert.Equal(TimeSpan.FromSeconds(7), first.RetryAfter);
        Assert.Equal("TimeoutError", last.Error!.Type);
    }
}
