using Essaim.Protocol;
using Essaim.Testing;

namespace Essaim.Tests.Client;

public sealed class TaskHandleTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetResult_BeforeTheTaskRuns_WaitsForIt()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", () => 17));
        TaskHandle handle = await host.Client.SendAsync("x", cancellationToken: Stop);
        Task<int> waiting = handle.GetResultAsync<int>(cancellationToken: Stop);

        Assert.False(waiting.IsCompleted);
        await host.Worker.RunUntilIdleAsync(Stop);

        Assert.Equal(17, await waiting);
    }

    [Fact]
    public async Task GetResult_OfAFailedTask_ThrowsWithItsErrorAndStackTrace()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", int () => throw new InvalidOperationException("The disk is on fire.")));
        TaskHandle handle = await host.Client.SendAsync("x", options: new EnqueueOptions { TaskId = "t" }, cancellationToken: Stop);
        await host.Worker.RunUntilIdleAsync(Stop);

        TaskFailedException error = await Assert.ThrowsAsync<TaskFailedException>(() => handle.GetResultAsync<int>(cancellationToken: Stop));

        Assert.Equal(("ESS1201", "t"), (error.Code, error.TaskId));
        Assert.Equal("Task 'x' (t) failed with System.InvalidOperationException: The disk is on fire. Its stack trace is in Traceback.", error.Message);
        Assert.Contains("TaskHandleTests", error.Traceback, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResult_WithinATimeThatPasses_ThrowsAndLeavesTheTaskAlone()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", () => 1));
        TaskHandle handle = await host.Client.SendAsync("x", options: new EnqueueOptions { TaskId = "t" }, cancellationToken: Stop);
        Task<int> waiting = handle.GetResultAsync<int>(TimeSpan.FromSeconds(2.5), Stop);

        host.Time.Advance(TimeSpan.FromSeconds(2.5));

        TaskResultTimeoutException error = await Assert.ThrowsAsync<TaskResultTimeoutException>(() => waiting);
        Assert.Equal(("ESS1203", "t", TaskState.Pending), (error.Code, error.TaskId, error.LastState));
        Assert.Equal("Task t has not ended within 2.5 s; its state is PENDING. It goes on: wait longer, or revoke it.", error.Message);
        Assert.Equal(1, await host.Worker.RunUntilIdleAsync(Stop));
        Assert.Equal(1, await handle.GetResultAsync<int>(cancellationToken: Stop));
    }

    [Fact]
    public async Task GetResult_Cancelled_Stops()
    {
        await using TaskTestHost host = new(_ => { });
        using CancellationTokenSource source = new();
        Task<int> waiting = host.Client.GetHandle("nobody").GetResultAsync<int>(TimeSpan.FromSeconds(5), source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task GetResult_OfAnotherType_SaysWhatCame()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", () => "seventeen"));
        TaskHandle handle = await host.Client.SendAsync("x", options: new EnqueueOptions { TaskId = "t" }, cancellationToken: Stop);
        await host.Worker.RunUntilIdleAsync(Stop);

        TaskResultException error = await Assert.ThrowsAsync<TaskResultException>(() => handle.GetResultAsync<int>(cancellationToken: Stop));

        Assert.Equal("ESS1204", error.Code);
        Assert.Equal("The result of t is \"seventeen\", which is not a Int32. Ask for a type that fits.", error.Message);
        Assert.Equal("\"seventeen\"", (await handle.GetResultAsync<RawJson>(cancellationToken: Stop)).ToString());
    }

    [Fact]
    public async Task Watch_FromBeforeTheTaskRuns_SeesProgressAndTheEnd()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", (TaskContext context) => context.Progress(0.5, "half"), task => task.TrackStarted = true));
        TaskHandle<int> handle = host.Client.GetHandle<int>((await host.Client.SendAsync("x", cancellationToken: Stop)).Id);
        List<TaskUpdate> updates = [];
        Task watching = WatchAsync();
        await host.Worker.RunUntilIdleAsync(Stop);
        await watching;

        Assert.Equal(TaskState.Success, updates[^1].State);
        Assert.All(updates.Where(update => update.State == TaskState.Progress), update => Assert.Equal(0.5, update.Progress!.Fraction));
        Assert.All(updates.Where(update => update.State != TaskState.Progress), update => Assert.Null(update.Progress));

        async Task WatchAsync()
        {
            await foreach (TaskUpdate update in handle.WatchAsync(Stop))
                updates.Add(update);
        }
    }

    [Fact]
    public async Task Progress_WhileItRuns_CanBeRead()
    {
        await using TaskTestHost host = new(_ => { });
        TaskHandle handle = host.Client.GetHandle("t");
        Assert.Null(await handle.GetProgressAsync(Stop));
        ResultDocument document = new() { TaskId = "t", State = TaskState.Progress, Result = new TaskProgress(0.3, "on it", RawJson.Null).Encode() };

        await host.Backend.Results.SetAsync(new ResultWrite("t", TaskState.Progress, document.Encode(), null), Stop);

        Assert.Equal(new TaskProgress(0.3, "on it", RawJson.Null), await handle.GetProgressAsync(Stop));
        Assert.Equal(TaskState.Progress, await handle.GetStateAsync(Stop));
    }

    [Fact]
    public async Task Forget_RemovesTheResult()
    {
        await using TaskTestHost host = new(services => services.AddTask("x", () => 1));
        TaskHandle handle = await host.Client.SendAsync("x", cancellationToken: Stop);
        await host.Worker.RunUntilIdleAsync(Stop);

        await handle.ForgetAsync(Stop);

        Assert.Equal(TaskState.Pending, await handle.GetStateAsync(Stop));
    }

    [Fact]
    public async Task Revoke_WhileItWaits_StoresRevokedAtOnce_AndItNeverRuns()
    {
        int runs = 0;
        await using TaskTestHost host = new(services => services.AddTask("x", () => ++runs));
        TaskHandle delayed = await host.Client.SendAsync("x", options: new EnqueueOptions { Countdown = TimeSpan.FromHours(1) }, cancellationToken: Stop);
        TaskHandle ready = await host.Client.SendAsync("x", cancellationToken: Stop);

        await host.Client.RevokeAsync([delayed.Id, ready.Id], cancellationToken: Stop);

        Assert.Equal((TaskState.Revoked, TaskState.Revoked), (await delayed.GetStateAsync(Stop), await ready.GetStateAsync(Stop)));
        await host.Worker.RunForAsync(TimeSpan.FromHours(2), Stop);
        Assert.Equal(0, runs);
    }

    [Fact]
    public async Task Revoke_BeforeItIsSent_HoldsForTheLaterMessage()
    {
        int runs = 0;
        await using TaskTestHost host = new(services => services.AddTask("x", () => ++runs));

        await host.Client.RevokeAsync(["t"], cancellationToken: Stop);
        TaskHandle handle = await host.Client.SendAsync("x", options: new EnqueueOptions { TaskId = "t" }, cancellationToken: Stop);
        await host.Worker.RunUntilIdleAsync(Stop);

        Assert.Equal((TaskState.Revoked, 0), (await handle.GetStateAsync(Stop), runs));
    }

    [Fact]
    public async Task Revoke_OfARunningTask_IsToldToTheWorkers()
    {
        await using TaskTestHost host = new(_ => { });
        TaskCompletionSource<ControlRequest> heard = new();
        using CancellationTokenSource serving = new();
        Task server = host.Backend.Control.ServeAsync(
            "w@h",
            (request, _) =>
            {
                heard.TrySetResult(request);
                return ValueTask.FromResult<RawJson?>(null);
            },
            serving.Token);

        await host.Client.RevokeAsync(["elsewhere"], terminate: true, Stop);

        ControlRequest request = await heard.Task.WaitAsync(TimeSpan.FromSeconds(20), Stop);
        Assert.Equal("revoke", request.Method);
        Assert.Equal("""{"task_id":["elsewhere"],"terminate":true,"signal":"SIGTERM"}""", request.Arguments.ToString());
        await serving.CancelAsync();
        await Record.ExceptionAsync(() => server);
    }
}
