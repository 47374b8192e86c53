namespace Essaim.Tests.Workers;

public sealed class WorkerScaleTests
{
    [Fact]
    public async Task Autoscale_WorkWaits_SlotsComeAndTheDecisionIsLogged()
    {
        await using RunningWorker worker = new(options =>
        {
            options.Pool = WorkerPool.Threads;
            options.MaxConcurrency = 3;
            options.MinConcurrency = 1;
        });
        string[] ids = [await worker.SendAsync("deaf"), await worker.SendAsync("deaf"), await worker.SendAsync("deaf")];

        foreach (string id in ids)
            await worker.UntilStartedAsync(id);

        Assert.Contains(worker.Logger.Lines, line => line.StartsWith("Slots 1 -> ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Autoscale_NothingToDo_SlotsGoAgain()
    {
        await using RunningWorker worker = new(options =>
        {
            options.MaxConcurrency = 2;
            options.MinConcurrency = 1;
            options.ScaleDownAfter = TimeSpan.FromMilliseconds(300);
        });
        string first = await worker.SendAsync("stoppable"), second = await worker.SendAsync("stoppable");
        await worker.UntilStartedAsync(first);
        await worker.UntilStartedAsync(second);

        await worker.ControlAsync("revoke", new { task_id = new[] { first, second }, terminate = true });

        await RunningWorker.UntilAsync(() => worker.Logger.Lines.Any(line => line.StartsWith("Slots 2 -> 1: ", StringComparison.Ordinal)));
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
    }
}
