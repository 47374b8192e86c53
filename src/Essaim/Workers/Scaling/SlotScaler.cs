namespace Essaim;

/// <summary>Keeps as many slots as the <see cref="Autoscaler"/> says, or as remote control wants. Its range may be changed on any thread.</summary>
internal sealed class SlotScaler
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private readonly Lock _gate = new();
    private readonly Wake _stirred = new();
    private readonly WorkerOptions _options;
    private readonly Scheduler _scheduler;
    private readonly BacklogReader _backlog;
    private readonly ResourceReader _resources;
    private readonly ScaleReporter _reporter;
    private readonly TimeProvider _time;
    private (int Min, int Max) _range;

    public SlotScaler(WorkerOptions options, Scheduler scheduler, BacklogReader backlog, ResourceReader resources, ScaleReporter reporter, TimeProvider time)
    {
        (_options, _scheduler, _backlog, _resources, _reporter, _time) = (options, scheduler, backlog, resources, reporter, time);
        _range = (Math.Min(options.MinConcurrency ?? options.MaxConcurrency, options.MaxConcurrency), options.MaxConcurrency);
        Autoscales = options.MinConcurrency < options.MaxConcurrency;
        scheduler.OnDemand = _range.Min == 0;
        scheduler.Stirred = _stirred.Signal;
    }

    /// <summary>True where slots come and go by need.</summary>
    public bool Autoscales { get; }

    /// <summary>Fewest and most slots.</summary>
    public (int Min, int Max) Range
    {
        get
        {
            lock (_gate)
                return _range;
        }
    }

    /// <summary>Adds to (or takes from) the fixed number of slots; at least one stays. Returns the new number.</summary>
    public int Grow(int more)
    {
        lock (_gate)
        {
            int slots = Math.Max(1, _range.Max + more);
            _range = (slots, slots);
        }

        _stirred.Signal();
        return Range.Max;
    }

    /// <summary>Changes the range; null leaves an end as it is.</summary>
    /// <exception cref="PythonFault">There is no such range.</exception>
    public (int Min, int Max) SetRange(int? min, int? max)
    {
        lock (_gate)
        {
            (int Min, int Max) range = (min ?? _range.Min, max ?? _range.Max);
            if (range.Min < 0 || range.Max < Math.Max(1, range.Min))
                throw PythonFault.Of("ValueError", $"no range of slots: max={range.Max} min={range.Min}");
            _range = range;
        }

        _stirred.Signal();
        return Range;
    }

    /// <summary>Opens the first slots, then scales until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        int slots = Autoscales ? Math.Min(Range.Min, 1) : Range.Min;
        for (int slot = 0; slot < slots; slot++)
            _scheduler.AddSlot();
        try
        {
            if (Autoscales)
                await AutoscaleAsync(stop);
            while (true)
            {
                await _stirred.WaitAsync(stop);
                Level(Range.Max);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    private async Task AutoscaleAsync(CancellationToken stop)
    {
        Autoscaler autoscaler = new(_options.ScaleDownAfter);
        long start = _time.GetTimestamp();
        // Compiled before it is needed: the first burst is not to wait for that.
        _resources.Read(busy: 0);
        while (true)
        {
            (int min, int max) = Range;
            _scheduler.OnDemand = min == 0;
            SchedulerLoad load = _scheduler.Observe();
            if (load.Slots > max)
                Level(max);
            else
                Scale(autoscaler, await ObserveAsync(load, min, max, _time.GetElapsedTime(start), stop));
            load = _scheduler.Observe();
            if (load.Busy + load.Waiting > 0)
                await Task.Delay(autoscaler.IsHesitant ? Autoscaler.Blip : Period, _time, stop);
            else if (load.Slots == min)
                // With nothing to do and nothing to take back, only work can change anything.
                await _stirred.WaitAsync(stop);
            else
                await RestAsync(stop);
        }
    }

    /// <summary>Waits for the period, or until work comes.</summary>
    private async Task RestAsync(CancellationToken stop)
    {
        using CancellationTokenSource period = new(Period, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop, period.Token);
        try
        {
            await _stirred.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // No work came.
        }
    }

    private async ValueTask<ScaleInputs> ObserveAsync(SchedulerLoad load, int min, int max, TimeSpan now, CancellationToken stop)
    {
        IReadOnlyList<QueueBacklog> backlog = await _backlog.ReadAsync(load, load.Slots < max, stop);
        ScaleInputs inputs = new()
        {
            Now = now,
            Min = min,
            Max = max,
            Slots = load.Slots,
            Starting = load.Starting,
            Busy = load.Busy,
            Backlog = backlog,
            Runtime = load.Runtime,
        };
        // Read only where it can matter: an idle worker reads nothing.
        bool wanting = load.Slots < max && (load.Slots < min || backlog.Count > 0);
        if (!wanting)
            return inputs;
        (MachineLoad machine, MemoryState memory) = _resources.Read(load.Busy);
        return inputs with { Machine = machine, Memory = _options.Pool == WorkerPool.Processes ? memory : default };
    }

    private void Scale(Autoscaler autoscaler, ScaleInputs inputs)
    {
        // The slot that was idle may have a task by now.
        if (autoscaler.Decide(inputs) is not { } decision || (decision.To < decision.From && !_scheduler.TryRemoveIdleSlot()))
            return;
        for (int slot = decision.From; !decision.IsRefused && slot < decision.To; slot++)
            _scheduler.AddSlot();
        _reporter.Tell(decision);
    }

    private void Level(int wanted)
    {
        int slots = _scheduler.Count().Slots;
        for (int more = slots; more < wanted; more++)
            _scheduler.AddSlot();
        for (int less = slots; less > wanted; less--)
            _scheduler.RetireSlot();
        if (slots != wanted)
            _reporter.Tell(new ScaleDecision(slots, wanted, "by remote control"));
    }
}
