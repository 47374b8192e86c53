using Essaim.Testing;

namespace Essaim.Tests.Workers;

/// <summary>A scheduler with executors moved by hand, a clock moved by hand, and a broker in memory that says what became of tasks.</summary>
internal sealed class SchedulerBench : IDisposable
{
    private readonly Ledger _ledger = new();
    private readonly WorkerMetrics _metrics = new("test@here");
    private readonly Settler _settler;
    private readonly MessageInspector _inspector;
    private readonly WorkerOptions _options;
    private readonly WorkerNode _node;
    private readonly Wake _demand = new();

    public SchedulerBench(int slots, Action<WorkerOptions>? configure = null, QueueRegistry? queues = null)
    {
        Queues = queues ?? new QueueRegistry([]);
        Backend = new InMemoryBackend(Time);
        WorkerOptions options = new() { MaxConcurrency = slots };
        configure?.Invoke(options);
        ListLogger logger = Logger;
        WorkerNode node = new("test@here", Time);
        (_options, _node) = (options, node);
        EventWriter writer = new(node, Time);
        EventSender sender = new(Backend.Events, _metrics, Time, logger);
        TaskEventSwitch events = new(on: false);
        StateRecorder recorder = new(Backend.Results, node, writer, sender, events, Time, logger);
        TaskReporter reporter = new(node, writer, sender, recorder, events, _metrics, Time, logger);
        SettlementDrafter drafter = new(new PlainPlanner(Time), node.Name, options, logger);
        _settler = new Settler(
            Backend.Broker, drafter, _ledger, reporter, recorder, _metrics, _demand, Time,
            new Random(1), logger);
        Scheduler = new Scheduler(options, _settler, reporter, _demand, Time)
        {
            OpenExecutor = slot =>
            {
                FakeExecutor executor = new(slot);
                Executors.Add(executor);
                Slots.Add(slot);
                Scheduler!.Opened(slot, executor);
            },
        };
        _inspector = new MessageInspector(
            ScriptedRunner.Registry(), drafter, options, node, new NodeLabels(options.Labels, MachineFacts.Read()), _ledger, _settler, reporter, new RevokedTasks(Time),
            new TaskLimits(), Queues, Time);
        Renewer = new LeaseRenewer(Backend.Broker, _ledger, Scheduler, options.Lease, logger);
        for (int slot = 0; slot < slots; slot++)
            Scheduler.AddSlot();
    }

    public QueueRegistry Queues { get; }

    /// <summary>Signalled when the scheduler may want more.</summary>
    public Wake Demand => _demand;

    public FakeTimeProvider Time { get; } = new();

    public InMemoryBackend Backend { get; }

    public ListLogger Logger { get; } = new();

    public Scheduler Scheduler { get; }

    public LeaseRenewer Renewer { get; }

    public List<FakeExecutor> Executors { get; } = [];

    /// <summary>Tasks in hand.</summary>
    public ICollection<ReservedTask> Tasks => _ledger.Tasks;

    /// <summary>The slot of each executor.</summary>
    public List<Slot> Slots { get; } = [];

    /// <summary>Publishes tasks named <paramref name="ids"/>, claims as many as the scheduler wants, and hands them in. Returns how many.</summary>
    public async Task<int> FeedAsync(params string[] ids)
    {
        await Backend.Broker.PublishAsync(
            new Outgoing([.. ids.Select(id => Script.Outgoing(Script.Message("noop", id: id)))], []), TestContext.Current.CancellationToken);
        return await ClaimAsync();
    }

    public async Task<int> ClaimAsync()
    {
        int want = Scheduler.Want();
        if (want == 0)
            return 0;
        ClaimRequest request = new() { Worker = "test@here", Queues = [new QueueClaim("celery")], Max = want };
        ClaimResult result = await Backend.Broker.ClaimAsync(request, TestContext.Current.CancellationToken);
        Scheduler.Accept(_inspector.Inspect(result.Deliveries));
        return result.Deliveries.Count;
    }

    /// <summary>Publishes tasks into a queue, claims what the scheduler wants of those that may share a child, and hands them in.</summary>
    public async Task<int> FeedSharedAsync(string queue, params string[] ids)
    {
        await Backend.Broker.PublishAsync(
            new Outgoing([.. ids.Select(id => Script.Outgoing(Script.Message("noop", id: id) with { RoutingKey = queue }))], []), TestContext.Current.CancellationToken);
        int want = Scheduler.Want() is > 0 and var any ? any : Scheduler.WantShared();
        if (want == 0)
            return 0;
        ClaimRequest request = new() { Worker = "test@here", Queues = [new QueueClaim(queue)], Max = want };
        ClaimResult result = await Backend.Broker.ClaimAsync(request, TestContext.Current.CancellationToken);
        Scheduler.Accept(_inspector.Inspect(result.Deliveries));
        return result.Deliveries.Count;
    }

    /// <summary>An intake that claims from <paramref name="broker"/> for this bench.</summary>
    public Intake Intake(IBroker broker, ConsumedQueues queues) =>
        new(
        broker, _options, queues, new ClaimPlanner(Queues, _ledger, _options.LowPriorityShare), new Admission(broker, Queues, _settler), _node, _inspector, Scheduler,
        _settler, _metrics, _demand, Time, new Random(1), Logger);

    /// <summary>Teaches the scheduler that tasks take no time: the look-ahead opens.</summary>
    public async Task WarmUpAsync()
    {
        for (int run = 0; run < 100; run++)
        {
            await FeedAsync($"warm-{run}");
            foreach (FakeExecutor executor in Executors)
            {
                while (executor.InHand.Count > 0)
                    executor.End();
            }
        }
    }

    /// <summary>Settles everything; nothing more can be handed in.</summary>
    public async Task SettleAsync()
    {
        _settler.Complete();
        await SettleMeanwhileAsync();
    }

    /// <summary>Settles what comes, until the end of the test.</summary>
    public Task SettleMeanwhileAsync() => _settler.RunAsync(TestContext.Current.CancellationToken);

    public async Task<TaskLocation?> FindAsync(string id) => await Backend.Broker.FindAsync(id, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        Renewer.Dispose();
        Scheduler.Dispose();
        _metrics.Dispose();
    }
}
