namespace Essaim.Tests.Workers;

/// <summary>Warm and cold stops.</summary>
public sealed class WorkerStopTests
{
    [Theory]
    [InlineData(WorkerPool.Threads)]
    [InlineData(WorkerPool.Processes)]
    public async Task WarmStop_TaskRunning_FinishesAndIsSettled(WorkerPool pool)
    {
        await using RunningWorker worker = new(options => options.Pool = pool);
        string running = await worker.SendAsync("stoppable");
        await worker.UntilStartedAsync(running);
        string waiting = await worker.SendAsync("noop");

        worker.StopWarm();
        await worker.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal("SUCCESS \"stopped early\"", await worker.ResultAsync(running));
        TaskLocation? place = await worker.Backend.Broker.FindAsync(waiting, TestContext.Current.CancellationToken);
        Assert.Equal((MessagePlace.Ready, 0), (place!.Place, place.DeliveryCount));
    }

    [Theory]
    [InlineData(WorkerPool.Threads)]
    [InlineData(WorkerPool.Processes)]
    public async Task ColdStop_TaskRunning_GoesBackUncounted(WorkerPool pool)
    {
        await using RunningWorker worker = new(options => options.Pool = pool);
        string running = await worker.SendAsync("deaf");
        await worker.UntilStartedAsync(running);

        worker.StopWarm();
        worker.StopCold();
        await worker.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        TaskLocation? place = await worker.Backend.Broker.FindAsync(running, TestContext.Current.CancellationToken);
        Assert.Equal((MessagePlace.Ready, 0), (place!.Place, place.DeliveryCount));
    }

    [Fact]
    public async Task StopTimeout_TaskRunsOn_TurnsTheStopCold()
    {
        await using RunningWorker worker = new(options => options.StopTimeout = TimeSpan.FromMilliseconds(50));
        string running = await worker.SendAsync("deaf");
        await worker.UntilStartedAsync(running);

        worker.StopWarm();
        await worker.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        TaskLocation? place = await worker.Backend.Broker.FindAsync(running, TestContext.Current.CancellationToken);
        Assert.Equal(MessagePlace.Ready, place!.Place);
    }

    [Fact]
    public async Task MaxTasks_SoManyDone_EndsTheWorkerAndLeavesTheRest()
    {
        await using RunningWorker worker = new(options =>
        {
            options.Pool = WorkerPool.Threads;
            options.MaxTasks = 3;
        });
        for (int sent = 0; sent < 5; sent++)
            await worker.SendAsync("noop");

        await worker.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        QueueStatus queue = Assert.Single(await worker.Backend.Broker.GetQueuesAsync(TestContext.Current.CancellationToken));
        Assert.Equal((2, 0), (queue.Ready, queue.InFlight));
    }

    [Fact]
    public async Task MaxTasksPerChild_Reached_AnotherChildTakesOver()
    {
        await using RunningWorker worker = new(options => options.MaxTasksPerChild = 2);
        for (int sent = 0; sent < 5; sent++)
            await worker.ResultAsync(await worker.SendAsync("noop"));

        int[] processes = [.. (await worker.ControlAsync("stats")).Deserialize<System.Text.Json.JsonElement>()
            .GetProperty("pool").GetProperty("processes").EnumerateArray().Select(id => id.GetInt32())];

        Assert.Equal(5, worker.Events.Count(one => one.Type == "task-started"));
        Assert.DoesNotContain(processes, id => id == 0);
    }
}
