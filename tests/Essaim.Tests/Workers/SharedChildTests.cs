using Essaim.Protocol;

namespace Essaim.Tests.Workers;

public sealed class SharedChildTests
{
    private static readonly QueueRegistry Queues = new([new QueueDefinition("io") { Class = QueueClass.Io }, new QueueDefinition("celery")]);

    [Fact]
    public async Task IoTasks_OneSlot_RunBesideEachOtherUpToTheLimit()
    {
        using SchedulerBench bench = new(1, options => options.TasksPerSharedChild = 3, Queues);
        Assert.Equal(1, await bench.FeedSharedAsync("io", "a", "b", "c", "d"));

        Assert.Equal(2, await bench.FeedSharedAsync("io"));
        Assert.Equal(0, await bench.FeedSharedAsync("io"));

        FakeExecutor child = Assert.Single(bench.Executors);
        Assert.Equal(["a"], child.InHand);
        Assert.Equal([["b"], ["c"]], child.Lanes.Select(lane => lane.InHand));
        Assert.Equal((1, 1, 0), bench.Scheduler.Count());
        Assert.Equal(["a", "b", "c"], bench.Scheduler.GetTasks(running: true).Select(task => task.Message.Id));
    }

    [Fact]
    public async Task CpuTask_Running_HasItsSlotAlone()
    {
        using SchedulerBench bench = new(1, options => options.TasksPerSharedChild = 3, Queues);
        await bench.FeedAsync("cpu");

        Assert.Equal(0, await bench.FeedSharedAsync("io", "a"));
    }

    [Fact]
    public async Task OwnTaskEnded_LanesBusy_NothingMoreUntilTheyAreEmpty()
    {
        using SchedulerBench bench = new(1, options => options.TasksPerSharedChild = 3, Queues);
        await bench.FeedSharedAsync("io", "a", "b", "c");
        await bench.FeedSharedAsync("io");
        FakeExecutor child = bench.Executors[0];

        child.End();
        Assert.Equal(0, await bench.FeedSharedAsync("io", "d"));
        Assert.Equal(0, await bench.FeedAsync("cpu"));
        child.Lanes[0].End();
        Assert.Equal(0, bench.Scheduler.Want());
        child.Lanes[1].End();

        Assert.Equal(1, await bench.ClaimAsync());
        Assert.Equal(["cpu"], child.InHand);
    }

    [Fact]
    public async Task LaneIdleAgain_IsUsedAgain()
    {
        using SchedulerBench bench = new(1, options => options.TasksPerSharedChild = 2, Queues);
        await bench.FeedSharedAsync("io", "a", "b", "c");
        await bench.FeedSharedAsync("io");
        FakeExecutor child = bench.Executors[0];

        bench.Time.Advance(TimeSpan.FromSeconds(1));
        child.Lanes[0].End();
        await bench.FeedSharedAsync("io");

        Assert.Equal(["c"], Assert.Single(child.Lanes).InHand);
    }

    [Fact]
    public async Task DeliveredBefore_Task_RunsAlone()
    {
        using SchedulerBench bench = new(1, options => options.TasksPerSharedChild = 3, Queues);
        await bench.FeedSharedAsync("io", "a");
        await bench.Backend.Broker.PublishAsync(
            Outgoing.Of(Script.Outgoing(Script.Message("noop", id: "poison") with { RoutingKey = "io" })), TestContext.Current.CancellationToken);
        ClaimResult claimed = await bench.Backend.Broker.ClaimAsync(
            new ClaimRequest { Worker = "other", Queues = [new QueueClaim("io")], Max = 1 }, TestContext.Current.CancellationToken);
        await bench.Backend.Broker.SettleAsync(
            [new Settlement { Lease = claimed.Deliveries[0].Lease, Action = SettleAction.Return }], TestContext.Current.CancellationToken);

        await bench.FeedSharedAsync("io");

        Assert.Empty(bench.Executors[0].Lanes.SelectMany(lane => lane.InHand));
    }

    [Fact]
    public async Task HardLimitInALane_Neighbours_WaitAgainUncounted()
    {
        using SchedulerBench bench = new(1, options => options.TasksPerSharedChild = 3, Queues);
        await bench.FeedSharedAsync("io", "a", "b", "c");
        await bench.FeedSharedAsync("io");
        FakeExecutor child = bench.Executors[0];
        ReservedTask b = bench.Scheduler.GetTasks(running: true).Single(task => task.Message.Id == "b");

        bench.Scheduler.Revoke(b, signal: 9);
        Assert.True(child.Lanes[0].Killed);
        child.Die();
        foreach (FakeExecutor lane in child.Lanes.ToArray())
            lane.Die();

        // The other two have begun again in the next child, one of them beside the other.
        FakeExecutor next = bench.Executors[1];
        Assert.Equal(["a", "c"], next.InHand.Concat(next.Lanes.SelectMany(lane => lane.InHand)).Order());
        Assert.All(bench.Tasks.Where(task => task != b), task => Assert.Equal(1, task.Delivery.DeliveryCount));
        await bench.SettleAsync();
        Assert.Null(await bench.FindAsync("b"));
    }

    [Fact]
    public async Task Crash_OfASharedChild_CountsForAllThatRan()
    {
        using SchedulerBench bench = new(1, options => options.TasksPerSharedChild = 2, Queues);
        await bench.FeedSharedAsync("io", "a", "b");
        await bench.FeedSharedAsync("io");
        FakeExecutor child = bench.Executors[0];

        child.Die();
        child.Lanes[0].Die();
        await bench.SettleAsync();

        foreach (string id in new[] { "a", "b" })
            Assert.Equal((MessagePlace.Ready, 1), ((await bench.FindAsync(id))!.Place, (await bench.FindAsync(id))!.DeliveryCount));
    }

    [Fact]
    public async Task RealChild_SharedByIoTasks_RunsThemAtOnceAndKnowsWhatEachPrints()
    {
        await using RunningWorker worker = new(
            options => (options.Queues, options.TasksPerSharedChild) = (["io"], 4), queues: Queues);
        TaskMessage[] waiting = [.. Enumerable.Range(0, 3).Select(_ => Script.Message("wait") with { RoutingKey = "io" })];
        await worker.SendAsync(waiting);
        foreach (TaskMessage message in waiting)
            await worker.UntilStartedAsync(message.Id);

        TaskMessage printing = Script.Message("print", "hello from the fourth") with { RoutingKey = "io" };
        await worker.SendAsync(printing);
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(printing.Id));

        await RunningWorker.UntilAsync(() => worker.Events.Any(one =>
            one.Type == "task-log" && one.TaskId == printing.Id && one.Body.ToString().Contains("hello from the fourth", StringComparison.Ordinal)));
        RawJson active = await worker.ControlAsync("active");
        Assert.Single(active.Deserialize<System.Text.Json.JsonElement[]>()!.Select(task => task.GetProperty("worker_pid").GetInt32()).Distinct());

        // One is ended with the child; the others run again.
        await worker.ControlAsync("revoke", new { task_id = waiting[1].Id, terminate = true, signal = "SIGKILL" });
        Assert.StartsWith("REVOKED", await worker.ResultAsync(waiting[1].Id), StringComparison.Ordinal);
        await RunningWorker.UntilAsync(() => worker.Events.Count(one => one.Type == "task-started" && one.TaskId == waiting[0].Id) == 2);
        await RunningWorker.UntilAsync(() => worker.Events.Count(one => one.Type == "task-started" && one.TaskId == waiting[2].Id) == 2);
        TaskLocation? place = await worker.Backend.Broker.FindAsync(waiting[0].Id, TestContext.Current.CancellationToken);
        Assert.Equal((MessagePlace.InFlight, 1), (place!.Place, place.DeliveryCount));
    }
}
