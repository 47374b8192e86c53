using Essaim.Protocol;

namespace Essaim.Tests.Workers;

public sealed class WorkerMetricsTests
{
    [Fact]
    public async Task Worker_TasksOfEachKind_AreCountedByNameAndState()
    {
        using MetricsListener metrics = new("counted@here");
        await using RunningWorker worker = new(options => (options.NodeName, options.Pool) = ("counted@here", WorkerPool.Threads));
        foreach (string task in (string[])["noop", "noop", "fail"])
            await worker.ResultAsync(await worker.SendAsync(task, "broken"));
        await worker.SendAsync("unheard.of");

        await RunningWorker.UntilAsync(() => metrics.Read().ContainsKey("essaim.worker.tasks.ended{task=other,state=FAILURE}"));

        Assert.Equal(
            """
            essaim.worker.tasks.ended{task=fail,state=FAILURE} 1
            essaim.worker.tasks.ended{task=noop,state=SUCCESS} 2
            essaim.worker.tasks.ended{task=other,state=FAILURE} 1
            essaim.worker.tasks.started{task=fail} 1
            essaim.worker.tasks.started{task=noop} 2
            """,
            metrics.ReadCounts("essaim.worker.tasks.started", "essaim.worker.tasks.ended"));
        IReadOnlyDictionary<string, (double Sum, int Count)> heard = metrics.Read();
        Assert.Equal(2, heard["essaim.worker.task.duration{task=noop}"].Count);
        Assert.Equal(2, heard["essaim.worker.task.wait{task=noop}"].Count);
        Assert.True(heard["essaim.worker.claims{result=tasks}"].Sum >= 1);
        Assert.True(heard["essaim.worker.memory"].Sum > 1_000_000);
        Assert.True(heard["essaim.worker.claim.age"].Sum >= 0);
        Assert.Contains("essaim.worker.settle.pending", heard.Keys);
    }

    [Fact]
    public async Task Worker_ChildDies_ItsTaskCountsAsRedelivered_AndTheNextChildAsStarted()
    {
        using MetricsListener metrics = new("dying@here");
        await using RunningWorker worker = new(options => options.NodeName = "dying@here");

        Assert.Equal("SUCCESS \"survived:2\"", await worker.ResultAsync(await worker.SendAsync("dieonce")));

        await RunningWorker.UntilAsync(() => metrics.Read().ContainsKey("essaim.worker.tasks.ended{task=dieonce,state=SUCCESS}"));
        Assert.Equal(
            """
            essaim.worker.children.started 2
            essaim.worker.tasks.ended{task=dieonce,state=SUCCESS} 1
            essaim.worker.tasks.redelivered 1
            essaim.worker.tasks.started{task=dieonce} 2
            """,
            metrics.ReadCounts("essaim.worker.children.started", "essaim.worker.tasks.ended", "essaim.worker.tasks.redelivered", "essaim.worker.tasks.started"));
    }

    [Fact]
    public void Measurements_NobodyListens_TakeNoMemory()
    {
        using WorkerMetrics metrics = new("unheard@here");
        TaskMessage message = Script.Message("noop", "");
        Assert.True(ScriptedRunner.Registry().TryGet("noop", out TaskDefinition? definition));
        Delivery delivery = new() { Lease = new Lease("1", "t", default), Queue = "q", TaskId = message.Id, DeliveryCount = 1, ReadySince = default, Envelope = default };
        ReservedTask task = new(delivery, message, definition, new ExecutionRequest(default, message, 1, null, null), 1) { StartedAt = 1, StartedTime = delivery.ReadySince };
        TaskOutcome outcome = new() { Kind = OutcomeKind.Success };
        Delivery[] deliveries = [delivery];
        Measure();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Measure();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Measure()
        {
            metrics.Claimed(deliveries);
            metrics.Started(task);
            metrics.Ended(task, outcome);
            metrics.LeaseLost();
        }
    }

    [Fact]
    public void BoundedNames_MoreThanFit_TheRestIsOther()
    {
        BoundedNames names = new(2);

        Assert.Equal(["a", "b", "other", "a", "other"], ((string[])["a", "b", "c", "a", ""]).Select(names.Of));
    }
}
