namespace Essaim.Tests.Workers;

public sealed class ClaimWatchdogTests
{
    [Fact]
    public async Task ClaimHangs_PastItsLimit_IsGivenUpAndMadeAnew()
    {
        using SchedulerBench bench = new(slots: 1);
        FailingBackend backend = new(bench.Backend) { Hanging = true };
        Intake intake = bench.Intake(backend, new ConsumedQueues(["celery"]));
        ClaimWatchdog watchdog = new(intake, TimeSpan.FromSeconds(60), bench.Time, bench.Logger);
        using CancellationTokenSource stop = new();
        Task running = Task.WhenAll(intake.RunAsync(stop.Token), watchdog.RunAsync(stop.Token));
        await RunningWorker.UntilAsync(() => backend.Claims == 1);
        bench.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal((1, 1), (backend.Claims, backend.Listens));

        backend.Hanging = false;
        await RunningWorker.UntilAsync(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(10));
            return backend.Listens > 1;
        });
        await bench.Backend.Broker.PublishAsync(Outgoing.Of(Script.Outgoing(Script.Message("noop", id: "after"))), TestContext.Current.CancellationToken);

        await RunningWorker.UntilAsync(() => bench.Executors[0].InHand.Count == 1);
        Assert.Equal(1, bench.Logger.Lines.Count(line => line.Contains("The broker has not answered a claim for ", StringComparison.Ordinal)));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task ClaimGivenUp_AnsweredAfterAll_GoesBackToTheQueue()
    {
        using SchedulerBench bench = new(slots: 1);
        FailingBackend backend = new(bench.Backend) { Hanging = true };
        Intake intake = bench.Intake(backend, new ConsumedQueues(["celery"]));
        using CancellationTokenSource stop = new();
        await bench.Backend.Broker.PublishAsync(Outgoing.Of(Script.Outgoing(Script.Message("noop", id: "late"))), TestContext.Current.CancellationToken);
        Task running = intake.RunAsync(stop.Token);
        await RunningWorker.UntilAsync(() => backend.Claims == 1);

        await stop.CancelAsync();
        intake.StartAnew();
        await running;
        backend.Hanging = false;
        _ = bench.SettleMeanwhileAsync();
        await backend.AnswerHangingAsync();

        await RunningWorker.UntilAsync(async () => await bench.FindAsync("late") is { Place: MessagePlace.Ready, DeliveryCount: 0 });
    }

    [Fact]
    public async Task ClaimHangs_WorkerIsStopped_EndsAllTheSame()
    {
        FailingBackend backend = new(new InMemoryBackend(TimeProvider.System)) { Hanging = true };
        await using RunningWorker worker = new(options => options.Pool = WorkerPool.Threads, backend);
        await RunningWorker.UntilAsync(() => backend.Claims == 1);

        worker.StopWarm();

        await worker.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task NothingWanted_AllSlotsBusyForLong_IsNoReasonToClaimAnew()
    {
        using SchedulerBench bench = new(slots: 1);
        FailingBackend backend = new(bench.Backend);
        Intake intake = bench.Intake(backend, new ConsumedQueues(["celery"]));
        using CancellationTokenSource stop = new();
        Task running = intake.RunAsync(stop.Token);
        await bench.Backend.Broker.PublishAsync(Outgoing.Of(Script.Outgoing(Script.Message("noop", id: "long"))), TestContext.Current.CancellationToken);
        await RunningWorker.UntilAsync(() => bench.Executors[0].InHand.Count == 1 && intake.Unanswered == TimeSpan.Zero);

        bench.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(TimeSpan.Zero, intake.Unanswered);
        await stop.CancelAsync();
        await running;
    }
}
