using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>One worker, from its first claim to its last settlement: composes the duties, runs them, and stops them in order.</summary>
internal sealed class Worker : IDisposable
{
    // On a cold stop the broker gets this long to take what is given back; after that the leases run out by themselves.
    private static readonly TimeSpan GiveBackAtMost = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ChildStartAtMost = TimeSpan.FromSeconds(30);
    private readonly WorkerOptions _options;
    private readonly WorkerParts _parts;
    private readonly ChildLimits _limits;
    private readonly ILogger _logger;
    private readonly WorkerNode _node;
    private readonly Ledger _ledger = new();
    private readonly EventSender _sender;
    private readonly StateRecorder _recorder;
    private readonly Settler _settler;
    private readonly Scheduler _scheduler;
    private readonly Intake _intake;
    private readonly SlotScaler _scaler;
    private readonly WorkerMetrics _metrics;
    private readonly LeaseReclaimer _reclaimer;
    private readonly LeaseRenewer _renewer;
    private readonly Heartbeater _heartbeater;
    private readonly ControlServer _control;
    private readonly ClaimWatchdog _watchdog;
    private readonly Mingler _mingler;
    private readonly IdleTrimmer _trimmer;
    private readonly DerivedQueueFinder _derived;
    private readonly ConsumedQueues _queues;
    private readonly NodeLabels _labels;
    private readonly ConfigFollower _configuration;
    private readonly TaskCompletionSource _stopAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopIntake = new();
    private readonly CancellationTokenSource _stopDuties = new();
    private readonly CancellationTokenSource _stopEvents = new();
    private readonly CancellationTokenSource _giveUp = new();
    private WorkerException? _failure;

    /// <exception cref="WorkerException"><c>ESS3002</c> settings are wrong.</exception>
    public Worker(WorkerOptions options, WorkerParts parts)
    {
        WorkerOptionsValidator.Check(options);
        _options = options;
        _parts = parts;
        _limits = ChildLimits.Of(options, parts.FindCages);
        (IBackend backend, TimeProvider time, Random random) = (parts.Backend, parts.Time, parts.Random);
        _logger = parts.Logging.CreateLogger("Essaim.Worker");
        _node = new WorkerNode(WorkerNode.ExpandName(options.NodeName), time);
        Wake demand = new();
        EventWriter writer = new(_node, time);
        _metrics = new WorkerMetrics(_node.Name);
        _sender = new EventSender(backend.Events, _metrics, time, _logger);
        TaskEventSwitch events = new(options.TaskEvents);
        _recorder = new StateRecorder(backend.Results, _node, writer, _sender, events, time, _logger);
        TaskReporter reporter = new(_node, writer, _sender, _recorder, events, _metrics, time, parts.Logging.CreateLogger("Essaim.Tasks"));
        SettlementDrafter drafter = new(parts.Planner, _node.Name, options, _logger);
        _settler = new Settler(backend.Broker, drafter, _ledger, reporter, _recorder, _metrics, demand, time, random, _logger);
        _scheduler = new Scheduler(options, _settler, reporter, demand, time)
        {
            ChildEnded = OnChildEnded,
            ChildTooLarge = (child, bytes) => WorkerLog.ChildTooLarge(_logger, child, EndCause.Megabytes(bytes), EndCause.Megabytes(options.MaxMemoryPerChild ?? 0)),
        };
        SlotOpener opener = new(StartExecutorAsync, _scheduler, GiveUp, time, random, _logger);
        _scheduler.OpenExecutor = slot => _ = opener.OpenAsync(slot, _stopIntake.Token);
        _ledger.Emptied = StopIfUsedUp;
        RevokedTasks revoked = new(time);
        TaskLimits limits = new();
        NodeLabels labels = _labels = new(options.Labels, MachineFacts.Read());
        ConfigApplier applier = new(parts.Live, parts.Source, options, labels, _node.Name, _logger);
        ConsumedQueues queues = new(applier.Served, name => labels.Meet(parts.Queues.Find(name)?.Requires ?? []));
        foreach (string name in applier.Served.Except(queues.Names))
            WorkerLog.QueueNotServed(_logger, name, string.Join(", ", parts.Queues.Find(name)!.Requires));
        MessageInspector inspector = new(parts.Registry, drafter, options, _node, labels, _ledger, _settler, reporter, revoked, limits, parts.Queues, time);
        ClaimPlanner planner = new(parts.Queues, _ledger, options.LowPriorityShare);
        Admission admission = new(backend.Broker, parts.Queues, _settler);
        _intake = new Intake(backend.Broker, options, queues, planner, admission, _node, inspector, _scheduler, _settler, _metrics, demand, time, random, _logger);
        queues.Changed = _intake.ListenAnew;
        _queues = queues;
        _derived = new DerivedQueueFinder(backend.Broker, queues, labels, time, _logger);
        queues.FoundNothing = _derived.Look;
        _watchdog = new ClaimWatchdog(_intake, options.ClaimAgeLimit, time, _logger);
        BacklogReader backlog = new(backend.Broker, queues, () => _intake.SawMore, queue => parts.Queues.Find(queue)?.WishedWait, options.TargetWait, time);
        ResourceReader resources = new(_scheduler, parts.ReadMachine, options.MemoryBudget ?? MemoryBudget.Find(), time);
        _scheduler.HasRoom = resources.HasRoom;
        _scaler = new SlotScaler(options, _scheduler, backlog, resources, new ScaleReporter(writer, _sender, _metrics, _logger), time);
        _trimmer = new IdleTrimmer(() => _scheduler.Count() is { Busy: 0, Waiting: 0 }, IdleTrimmer.Trim, time);
        _scheduler.Stirred += _trimmer.Worked;
        _reclaimer = new LeaseReclaimer(backend.Broker, time, _logger);
        _renewer = new LeaseRenewer(backend.Broker, _ledger, _scheduler, options.Lease, _logger);
        PulseTaker pulse = new(labels, options, _scheduler, _scaler, queues, applier, time);
        _heartbeater = new Heartbeater(writer, _sender, pulse, options, time);
        applier.Start(queues, _heartbeater.BeatNow);
        ILogger configLogger = parts.Logging.CreateLogger("Essaim.Configuration");
        ConfigPublisher publisher = new(backend.Configuration, _node.Name, configLogger);
        _configuration = new ConfigFollower(_ => new(backend.Configuration), parts.Live, null, time, random, configLogger)
        {
            Offer = parts.Source is { } source ? async stop => await publisher.OfferAsync(source, stop) : null,
        };
        Revoker revoker = new(revoked, backend.Broker, _ledger, _scheduler);
        _mingler = new Mingler(backend.Control, _node, revoker, _logger);
        ControlResponder responder = new(new ControlledWorker
        {
            Node = _node,
            Options = options,
            Labels = labels,
            DisplayUrl = backend.DisplayUrl,
            Registry = parts.Registry,
            Scheduler = _scheduler,
            Ledger = _ledger,
            Scaler = _scaler,
            Queues = queues,
            Definitions = parts.Queues,
            Configuration = applier,
            Revoker = revoker,
            Limits = limits,
            Events = events,
            Writer = writer,
            Sender = _sender,
            Shutdown = () => _stopAsked.TrySetResult(),
        });
        _control = new ControlServer(backend.Control, _node, responder, time, random, _logger);
        _metrics.Observe(_scheduler.Count, () => _node.ClaimAge, () => _settler.Pending, ReadMemory);
    }

    /// <summary><c>name@host</c>.</summary>
    public string NodeName => _node.Name;

    /// <summary>The queues it serves now.</summary>
    public IReadOnlyList<string> Queues => _queues.Names;

    /// <summary>Runs until asked to stop, and stops.</summary>
    /// <param name="warm">Stop claiming, give back what has not begun, let the rest finish.</param>
    /// <param name="cold">End what runs and give it back at once.</param>
    /// <exception cref="WorkerException"><c>ESS3001</c> child processes do not start.</exception>
    public async Task RunAsync(CancellationToken warm, CancellationToken cold)
    {
        using CancellationTokenRegistration onWarm = warm.Register(() => _stopAsked.TrySetResult());
        using CancellationTokenRegistration onCold = cold.Register(() => _stopAsked.TrySetResult());
        Task events = _sender.RunAsync(_stopEvents.Token);
        Task settling = _settler.RunAsync(_giveUp.Token);
        Task duties = Task.WhenAll(
            _recorder.RunAsync(_stopDuties.Token), _reclaimer.RunAsync(_stopDuties.Token),
            _heartbeater.RunAsync(_stopDuties.Token), _control.RunAsync(_stopDuties.Token),
            _watchdog.RunAsync(_stopDuties.Token), _trimmer.RunAsync(_stopDuties.Token), _options.Mingle ? _mingler.RunAsync(_stopIntake.Token) : Task.CompletedTask);
        _renewer.Start();
        Task intake = Task.WhenAll(_scaler.RunAsync(_stopIntake.Token), _derived.RunAsync(_stopIntake.Token), _configuration.RunAsync(_stopIntake.Token),
            _intake.RunAsync(_stopIntake.Token), FindLabelsAsync(_stopIntake.Token));
        int min = Math.Min(_options.MinConcurrency ?? _options.MaxConcurrency, _options.MaxConcurrency);
        WorkerLog.Up(_logger, _node.Name, _options.Pool, min, _options.MaxConcurrency, string.Join(", ", _queues.Names));
        TellLimits();

        await _stopAsked.Task;
        WorkerLog.Stopping(_logger, _node.Name, _scheduler.Count().Busy);
        _scheduler.BeginStop();
        await _stopIntake.CancelAsync();
        await EndIntakeAsync(intake);
        await DrainAsync(cold);
        await _scheduler.CloseAsync();
        _settler.Complete();
        await settling;
        await _stopDuties.CancelAsync();
        await duties;
        await _stopEvents.CancelAsync();
        await events;
        WorkerLog.Down(_logger, _node.Name);
        if (_failure is not null)
            throw _failure;
    }

    public void Dispose()
    {
        _renewer.Dispose();
        _metrics.Dispose();
        _scheduler.Dispose();
        _stopIntake.Dispose();
        _stopDuties.Dispose();
        _stopEvents.Dispose();
        _giveUp.Dispose();
    }

    private async Task FindLabelsAsync(CancellationToken stop)
    {
        // Never on the way of the start.
        await Task.Yield();
        foreach (ILabelFinder finder in _parts.LabelFinders)
        {
            try
            {
                await finder.FindAsync(Add, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                WorkerLog.LabelsUnknown(_logger, failure);
            }
        }

        void Add(NodeFinding finding)
        {
            _labels.Add(finding);
            // What waits for it may have been given up by others.
            _derived.Look();
            _heartbeater.BeatNow();
        }
    }

    private async Task EndIntakeAsync(Task intake)
    {
        try
        {
            await intake.WaitAsync(GiveBackAtMost, _parts.Time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // The broker does not answer the last claim.
            _intake.StartAnew();
            await intake;
        }
    }

    private async Task DrainAsync(CancellationToken cold)
    {
        Task drained = _ledger.DrainedAsync();
        try
        {
            await drained.WaitAsync(_options.StopTimeout ?? Timeout.InfiniteTimeSpan, _parts.Time, cold);
            return;
        }
        catch (Exception impatient) when (impatient is OperationCanceledException or TimeoutException)
        {
            WorkerLog.StoppingNow(_logger, _node.Name, _scheduler.Count().Busy);
        }

        _scheduler.StopNow();
        try
        {
            await drained.WaitAsync(GiveBackAtMost, _parts.Time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            await _giveUp.CancelAsync();
        }
    }

    private async Task<IExecutor> StartExecutorAsync(IExecutorListener listener, CancellationToken stop)
    {
        if (_options.Pool == WorkerPool.Threads)
            return new ThreadExecutor(_parts.Runner, listener);
        IExecutor child = await ChildProcessExecutor.StartAsync(_parts.Launch, _limits, listener, ChildStartAtMost, _parts.Time, stop);
        _metrics.ChildStarted();
        return child;
    }

    private long? ReadMemory() =>
        ProcessUse.Read([Environment.ProcessId, .. _options.Pool == WorkerPool.Processes ? _scheduler.GetProcessIds() : []])?.Memory;

    private void TellLimits()
    {
        if (_limits.HardMemory is not { } most)
            return;
        if (_limits.Cages is { } cages)
            WorkerLog.MemoryKeptByKernel(_logger, EndCause.Megabytes(most), cages.Description);
        else
            WorkerLog.MemoryPolled(_logger, EndCause.Megabytes(most), Scheduler.MemoryPeriod(_options)!.Value.TotalMilliseconds);
    }

    private void OnChildEnded(int processId, EndCause cause)
    {
        _metrics.ChildEnded(cause);
        if (cause.Kind != EndKind.Closed)
            WorkerLog.ChildEnded(_logger, processId, cause.Sentence, cause.Word);
    }

    private void GiveUp(WorkerException failure)
    {
        WorkerLog.GivesUp(_logger, _node.Name, failure);
        _failure = failure;
        _stopAsked.TrySetResult();
    }

    private void StopIfUsedUp()
    {
        if (_scheduler.IsUsedUp)
            _stopAsked.TrySetResult();
    }
}
