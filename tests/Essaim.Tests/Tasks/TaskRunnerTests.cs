using Essaim.Protocol;
using Essaim.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Essaim.Tests.Tasks;

public sealed class TaskRunnerTests
{
    public interface IGreeter
    {
        string Greet(string name);
    }

    private sealed class Greeter : IGreeter, IDisposable
    {
        public static int Disposed { get; private set; }

        public string Greet(string name) => $"hello {name}";

        public void Dispose() => Disposed++;
    }

    private sealed class Silence : IExecutionObserver
    {
        public void OnProgress(double? fraction, string? text, RawJson data)
        {
        }

        public void OnLog(string level, string line)
        {
        }
    }

    [Fact]
    public async Task Delegate_OfEveryShape_ReturnsItsValue()
    {
        await using TaskTestHost host = new(services => services
            .AddTask("sync", (int x) => x + 1)
            .AddTask("task", async (int x) => { await Task.Yield(); return x + 2; })
            .AddTask("valuetask", (int x) => ValueTask.FromResult(x + 3))
            .AddTask("nothing", (int x) => { _ = x; })
            .AddTask("task-nothing", (int x) => Task.CompletedTask)
            .AddTask("valuetask-nothing", (int x) => ValueTask.CompletedTask)
            .AddTask("method", Double)
            .AddTask("raw", (RawJson x) => x));

        Assert.Equal(
            ["11", "12", "13", "null", "null", "null", "20", "10"],
            await Results(host, "sync", "task", "valuetask", "nothing", "task-nothing", "valuetask-nothing", "method", "raw"));

        static int Double(int x) => x * 2;
    }

    [Fact]
    public async Task Delegate_InjectsContextTokenAndServices_AndBindsTheRest()
    {
        int before = Greeter.Disposed;
        await using TaskTestHost host = new(services => services
            .AddScoped<IGreeter, Greeter>()
            .AddTask("greet", (IGreeter greeter, string name, TaskContext context, CancellationToken stop) =>
                $"{greeter.Greet(name)} from {context.Name}, can stop: {stop.CanBeCanceled || stop == default}"));

        TaskRun run = await host.RunAsync("greet", ["ada"], stop: TestContext.Current.CancellationToken);

        Assert.Equal("hello ada from greet, can stop: True", run.GetResult<string>());
        Assert.Equal(before + 1, Greeter.Disposed);
    }

    [Fact]
    public async Task Result_OfARecord_HasPythonsNames()
    {
        await using TaskTestHost host = new(services => services.AddTask("time", () => new { MessageId = "m1", SentAt = 5 }));

        Assert.Equal("""{"message_id":"m1","sent_at":5}""", (await host.RunAsync("time", stop: TestContext.Current.CancellationToken)).Result.ToString());
    }

    [Fact]
    public async Task Exception_BecomesItsDocument_WithTypeNamespaceAndStackTrace()
    {
        await using TaskTestHost host = new(services => services.AddTask("fail", int () => throw new InvalidOperationException("no")));

        TaskRun run = await host.RunAsync("fail", stop: TestContext.Current.CancellationToken);

        Assert.Equal(TaskState.Failure, run.State);
        Assert.Equal(ExceptionDocument.Of("InvalidOperationException", "no", "System"), run.Error);
        Assert.Contains(nameof(Exception_BecomesItsDocument_WithTypeNamespaceAndStackTrace), run.Traceback, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exception_InAggregate_IsUnwrapped()
    {
        await using TaskTestHost host = new(services => services.AddTask("fail", int () => throw new AggregateException(new TimeoutException("slow"))));

        Assert.Equal("TimeoutError", (await host.RunAsync("fail", stop: TestContext.Current.CancellationToken)).Error!.Type);
    }

    [Fact]
    public async Task IgnoredAndRejected_EndAsTheyAsk()
    {
        await using TaskTestHost host = new(services => services
            .AddTask("ignored", int () => throw new TaskIgnoredException())
            .AddTask("rejected", int () => throw new TaskRejectedException("not mine")));

        Assert.Equal("IGNORED", (await host.RunAsync("ignored", stop: TestContext.Current.CancellationToken)).State.Name);
        Assert.Equal(TaskState.Rejected, (await host.RunAsync("rejected", stop: TestContext.Current.CancellationToken)).State);
    }

    [Fact]
    public async Task SoftTimeLimit_CancelsTheToken_AndFailsTheTask()
    {
        await using TaskTestHost host = new(services => services.AddTask(
            "slow", async (CancellationToken stop) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop)));
        TaskHandle handle = await host.Client.SendAsync(
            "slow", options: new EnqueueOptions { SoftTimeLimit = TimeSpan.FromSeconds(5) }, cancellationToken: TestContext.Current.CancellationToken);
        Task<int> running = host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        host.Time.Advance(TimeSpan.FromSeconds(5));
        await running;

        ResultDocument document = await handle.WaitAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(new ExceptionDocument("SoftTimeLimitExceeded", RawJson.EmptyArray, "billiard.exceptions"), ExceptionDocument.Decode(document.Result));
    }

    [Theory]
    [InlineData((int)CancelReason.Revoked, (int)OutcomeKind.Revoked)]
    [InlineData((int)CancelReason.LeaseLost, (int)OutcomeKind.GivenBack)]
    [InlineData((int)CancelReason.SoftTimeLimit, (int)OutcomeKind.Failure)]
    public async Task Cancelled_EndsByItsReason(int reason, int expected)
    {
        await using TaskTestHost host = new(services => services.AddTask("slow", (CancellationToken stop) => stop.ThrowIfCancellationRequested()));

        TaskOutcome outcome = await RunAsync(host, "slow", (CancelReason)reason, CancellationToken.None, new CancellationToken(true));

        Assert.Equal((OutcomeKind)expected, outcome.Kind);
    }

    [Fact]
    public async Task WorkerStopping_WhenObeyed_GivesTheTaskBack()
    {
        await using TaskTestHost host = new(services => services.AddTask("slow", (TaskContext context) => context.WorkerStopping.ThrowIfCancellationRequested()));

        TaskOutcome outcome = await RunAsync(host, "slow", CancelReason.Revoked, new CancellationToken(true), CancellationToken.None);

        Assert.Equal(OutcomeKind.GivenBack, outcome.Kind);
    }

    [Fact]
    public async Task UnknownTask_IsRejectedAsNotRegistered()
    {
        await using TaskTestHost host = new(_ => { });
        TaskHandle handle = await host.Client.SendAsync("who.knows", cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(
            () => handle.GetResultAsync<int>(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(ExceptionDocument.Of("NotRegistered", "who.knows", "celery.exceptions"), error.Error);
        DeadLetter dead = Assert.Single(await host.Backend.Broker.GetDeadLettersAsync(10, TestContext.Current.CancellationToken));
        Assert.Equal("This worker knows no task 'who.knows'. Register it here, or send it to a queue whose workers do.", dead.Reason);
    }

    [Fact]
    public async Task Context_TellsTheTaskOfItself()
    {
        TaskContext? seen = null;
        await using TaskTestHost host = new(services => services.AddTask("look", (TaskContext context) => { seen = context; }, task => task.RetryPolicy = new RetryPolicy { MaxRetries = 4 }));
        await host.Client.SendAsync(
            "look",
            options: new EnqueueOptions { TaskId = "t1", Queue = "q", SoftTimeLimit = TimeSpan.FromSeconds(9), Headers = new Dictionary<string, object?> { ["tenant"] = "acme" } },
            cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        Assert.NotNull(seen);
        Assert.Equal(("t1", "look", "q", 1, 4, 1), (seen.Id, seen.Name, seen.Queue, seen.Attempt, seen.MaxRetries, seen.DeliveryCount));
        Assert.Equal(("t1", null), (seen.RootId, seen.ParentId));
        Assert.Equal(host.Time.GetUtcNow() + TimeSpan.FromSeconds(9), seen.Deadline);
        Assert.Equal("\"acme\"", seen.Headers["tenant"].ToString());
    }

    [Fact]
    public async Task Logger_WritesTheTasksLog_LineByLine()
    {
        await using TaskTestHost host = new(services => services.AddTask("talk", (TaskContext context) => Talk(context.Logger)));

        TaskRun run = await host.RunAsync("talk", stop: TestContext.Current.CancellationToken);

        Assert.Equal([new TaskLogLine("info", "one"), new TaskLogLine("info", "two"), new TaskLogLine("warning", "three")], run.Log);
    }

    private static void Talk(ILogger logger)
    {
        logger.LogInformation("one\ntwo");
        logger.LogWarning("three");
        logger.LogDebug("unheard");
    }

    [Fact]
    public async Task Progress_IsReported_CutToItsRange()
    {
        await using TaskTestHost host = new(services => services.AddTask("work", (TaskContext context) =>
        {
            context.Progress(0.5, "half", new { FilesDone = 3 });
            context.Progress(7);
            context.Progress(double.NaN, "lost");
        }));

        TaskRun run = await host.RunAsync("work", stop: TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                new TaskProgress(0.5, "half", RawJson.Parse("""{"files_done":3}""")),
                new TaskProgress(1, null, RawJson.Null),
                new TaskProgress(null, "lost", RawJson.Null),
            ],
            run.Progress);
    }

    [Fact]
    public async Task SentByATask_CarriesItAsParent_AndIsListedAsItsChild()
    {
        await using TaskTestHost host = new(services => services
            .AddTask("child", () => 1)
            .AddTask("parent", async (TaskContext context, TaskClient injected, CancellationToken stop) =>
            {
                await context.Client.SendAsync("child", cancellationToken: stop);
                await injected.SendAsync("child", cancellationToken: stop);
            }));
        TaskHandle parent = await host.Client.SendAsync("parent", cancellationToken: TestContext.Current.CancellationToken);
        await host.Worker.RunUntilIdleAsync(TestContext.Current.CancellationToken);

        Assert.All(host.Enqueued.Skip(1), child => Assert.Equal((parent.Id, parent.Id), (child.Message.ParentId, child.Message.RootId)));
        ResultDocument stored = (await parent.GetDocumentAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal($"[[[\"{host.Enqueued[1].Id}\",null],null],[[\"{host.Enqueued[2].Id}\",null],null]]", stored.Children.ToString());
        TaskHandle after = await host.Client.SendAsync("child", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(host.Enqueued.Single(task => task.Id == after.Id).Message.ParentId);
    }

    private static ValueTask<TaskOutcome> RunAsync(TaskTestHost host, string task, CancelReason reason, CancellationToken workerStopping, CancellationToken stop)
    {
        TaskMessage message = MessageCodec.WithBody(
            new TaskMessage { Id = "t", Task = task, RoutingKey = "celery", DeliveryTag = "d" }, new TaskBody(RawJson.EmptyArray, RawJson.EmptyObject, TaskEmbed.Empty));
        return host.Services.GetRequiredService<ITaskRunner>().RunAsync(message, 1, null, null, new Silence(), () => reason, workerStopping, stop);
    }

    private static async Task<string[]> Results(TaskTestHost host, params string[] tasks)
    {
        List<string> results = [];
        foreach (string task in tasks)
            results.Add((await host.RunAsync(task, [10], stop: TestContext.Current.CancellationToken)).Result.ToString());
        return [.. results];
    }
}
