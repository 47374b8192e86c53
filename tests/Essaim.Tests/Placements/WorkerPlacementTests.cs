using Essaim.Protocol;
using Essaim.Tests.Workers;

namespace Essaim.Tests.Placements;

/// <summary>Workers follow the placement while they run.</summary>
public sealed class WorkerPlacementTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Switch_NodeOfAGroup_ServesItsQueuesAtOnce_WhatRunsGoesOn_AndBack()
    {
        InMemoryBackend backend = new(TimeProvider.System);
        await using RunningWorker worker = new(
            options => (options.Pool, options.MaxConcurrency, options.Labels, options.Queues) = (WorkerPool.Threads, 2, ["site=attic"], ["celery", "mail"]), backend);
        string running = await worker.SendAsync("wait");
        await worker.UntilStartedAsync(running);
        PlacementPublisher publisher = new(backend.Configuration, "test");

        await publisher.PublishAsync(new Placement([new PlacementGroup("site=attic", ["scan"]), new PlacementGroup("site=cellar", ["mail"])]), Stop);

        await UntilServedAsync(worker, "scan");
        string waits = await worker.SendAsync("noop");
        TaskMessage scan = Script.Message("noop") with { RoutingKey = "scan" };
        await worker.SendAsync(scan);
        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(scan.Id));
        Assert.Equal(MessagePlace.Ready, (await backend.Broker.FindAsync(waits, Stop))!.Place);
        Assert.Equal(MessagePlace.InFlight, (await backend.Broker.FindAsync(running, Stop))!.Place);
        Assert.Contains(worker.Logger.Lines, line => line == "The placement is specialised: this node serves scan.");

        await publisher.PublishAsync(Placement.Everyone, Stop);

        Assert.Equal("SUCCESS \"done\"", await worker.ResultAsync(waits));
        await UntilServedAsync(worker, "celery,mail");
    }

    [Fact]
    public async Task Placement_PublishedBeforeTheStart_IsFollowed_AndAWrongOneIsNot()
    {
        InMemoryBackend backend = new(TimeProvider.System);
        await new PlacementPublisher(backend.Configuration, "test").PublishAsync(new Placement([new PlacementGroup("other@*", ["celery"])]), Stop);
        await using RunningWorker worker = new(options => (options.Pool, options.Queues) = (WorkerPool.Threads, ["celery", "mail"]), backend);
        await UntilServedAsync(worker, "mail");

        ConfigSnapshot now = (await backend.Configuration.ReadAsync(Stop))!;
        await backend.Configuration.PublishAsync(
            now.Document with { Base = new Dictionary<string, RawJson> { [Placement.Setting] = RawJson.Parse("""{"groups":[{"match":"gpu","queues":[]}]}""") } }, now.Version, Stop);

        await RunningWorker.UntilAsync(() => worker.Logger.Lines.Any(line => line.Contains(
            "base.placement: The placement is wrong: names no queue, or one without a name. See essaim placement --help.", StringComparison.Ordinal)));
        await UntilServedAsync(worker, "mail");
    }

    private static Task UntilServedAsync(RunningWorker worker, string queues) => RunningWorker.UntilAsync(async () =>
        string.Join(',', (await worker.ControlAsync("active_queues")).Deserialize<System.Text.Json.JsonElement>().EnumerateArray().Select(one => one.GetProperty("name").GetString())) == queues);
}
