using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Essaim.Tests.Workers;

public sealed class WorkerScaleTests
{
    [Fact]
    public async Task Autoscale_WorkWaits_SlotsComeAndTheDecisionIsTold()
    {
        await using RunningWorker worker = new(options => (options.Pool, options.MaxConcurrency, options.MinConcurrency) = (WorkerPool.Threads, 3, 1));
        string[] ids = [await worker.SendAsync("deaf"), await worker.SendAsync("deaf"), await worker.SendAsync("deaf")];

        foreach (string id in ids)
            await worker.UntilStartedAsync(id);
        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "worker-scaled"));

        Assert.Contains(worker.Logger.Lines, line => line.StartsWith("Slots 1 -> ", StringComparison.Ordinal));
        JsonElement told = worker.Events.First(one => one.Type == "worker-scaled").Body.Deserialize<JsonElement>();
        Assert.Equal(1, told.GetProperty("from").GetInt32());
        Assert.InRange(told.GetProperty("to").GetInt32(), 2, 3);
        Assert.Matches(@"^\d waiting, oldest \d+\.\d s$", told.GetProperty("reason").GetString());
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

    [Theory]
    [InlineData(WorkerPool.Processes)]
    [InlineData(WorkerPool.Threads)]
    public async Task Autoscale_OnDemand_ChildrenComeWithWorkAndGoWithIt(WorkerPool pool)
    {
        await using RunningWorker worker = new(options =>
        {
            options.Pool = pool;
            options.MaxConcurrency = 2;
            options.MinConcurrency = 0;
            options.ScaleDownAfter = TimeSpan.FromMilliseconds(300);
        });
        Assert.Equal(0, await SlotsAsync(worker));

        for (int round = 0; round < 2; round++)
        {
            // Not given back while its child starts: it is its first delivery.
            Assert.Equal("SUCCESS \"x:1\"", await worker.ResultAsync(await worker.SendAsync("echo", "x")));
            await RunningWorker.UntilAsync(async () => await SlotsAsync(worker) == 0);
        }

        Assert.Equal(2, worker.Logger.Lines.Count(line => line.StartsWith("Slots 0 -> 1: 1 waiting", StringComparison.Ordinal)));
        Assert.Equal(2, worker.Logger.Lines.Count(line => line.StartsWith("Slots 1 -> 0: 1 of 1 slots idle", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Autoscale_OnDemandWithARate_TheTaskThatMayBeginBringsItsSlot()
    {
        await using RunningWorker worker = new(options => (options.Pool, options.MaxConcurrency, options.MinConcurrency) = (WorkerPool.Threads, 2, 0));
        await worker.ControlAsync("rate_limit", new { task_name = "noop", rate_limit = "100/s" });

        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(await worker.SendAsync("noop")));
    }

    [Fact]
    public async Task Autoscale_BudgetIsFull_TheRefusalIsToldOnce()
    {
        await using RunningWorker worker = new(options => (options.MaxConcurrency, options.MinConcurrency, options.MemoryBudget) = (3, 1, 50 << 20));
        string running = await worker.SendAsync("stoppable");
        await worker.UntilStartedAsync(running);
        for (int more = 0; more < 5; more++)
            await worker.SendAsync("noop");

        await RunningWorker.UntilAsync(() => worker.Events.Any(one => one.Type == "worker-scale-refused"));
        await worker.ControlAsync("revoke", new { task_id = running, terminate = true });
        await RunningWorker.UntilAsync(() => worker.Events.Count(one => one.Type == "task-succeeded") == 5);

        string line = Assert.Single(worker.Logger.Lines, line => line.StartsWith("Slots stay", StringComparison.Ordinal));
        Assert.Matches(@"^Slots stay 1, [23] are wanted: \d waiting, oldest \d+\.\d s, but the largest child has \d+ MB, and so may each: with the worker's \d+ MB no more than \d fit into 50 MB\.$", line);
        Assert.DoesNotContain(worker.Events, one => one.Type == "worker-scaled");
    }

    [Fact]
    public async Task Metrics_OfAWorkerThatScales_AreThere()
    {
        ConcurrentQueue<(string Name, long Value, object? Tag)> heard = new();
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == WorkerMetrics.MeterName)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => heard.Enqueue((instrument.Name, value, tags.Length > 0 ? tags[0].Value : null)));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => heard.Enqueue((instrument.Name, value, null)));
        listener.Start();
        await using RunningWorker worker = new(options => (options.MaxConcurrency, options.MinConcurrency, options.MaxDeliveries) = (2, 0, 1));

        await worker.ResultAsync(await worker.SendAsync("exit"));
        await RunningWorker.UntilAsync(() => heard.Contains(("essaim.worker.children.ended", 1, "crash(exit 3)")));
        listener.RecordObservableInstruments();

        Assert.Contains(("essaim.worker.scale.decisions", 1L, (object?)"up"), heard);
        Assert.Contains(heard, one => one.Name == "essaim.worker.slots" && one.Value == 1);
        Assert.Contains(heard, one => one.Name == "essaim.worker.slots.busy");
    }

    private static async Task<int> SlotsAsync(RunningWorker worker) => (await worker.ControlAsync("stats")).Deserialize<JsonElement>().GetProperty("slots").GetInt32();
}
