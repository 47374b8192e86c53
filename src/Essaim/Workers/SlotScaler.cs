using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Keeps as many slots as the <see cref="Autoscaler"/> says, or as remote control wants. Its range may be changed on any thread.</summary>
internal sealed class SlotScaler(IBroker broker, WorkerOptions options, ConsumedQueues queues, Scheduler scheduler, Intake intake, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private readonly Lock _gate = new();
    private readonly Wake _changed = new();
    private (int Min, int Max) _range =
        (Math.Min(options.MinConcurrency ?? options.MaxConcurrency, options.MaxConcurrency), options.MaxConcurrency);

    /// <summary>True where slots come and go by need.</summary>
    public bool Autoscales { get; } = options.MinConcurrency < options.MaxConcurrency;

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

        _changed.Signal();
        return Range.Max;
    }

    /// <summary>Changes the range; null leaves an end as it is.</summary>
    /// <exception cref="PythonFault">There is no such range.</exception>
    public (int Min, int Max) SetRange(int? min, int? max)
    {
        lock (_gate)
        {
            (int Min, int Max) range = (min ?? _range.Min, max ?? _range.Max);
            if (range.Min < 1 || range.Max < range.Min)
                throw PythonFault.Of("ValueError", $"no range of slots: max={range.Max} min={range.Min}");
            _range = range;
        }

        _changed.Signal();
        return Range;
    }

    /// <summary>Opens the first slots, then scales until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        int slots = Range.Min;
        for (int slot = 0; slot < slots; slot++)
            scheduler.AddSlot();
        try
        {
            if (Autoscales)
                await AutoscaleAsync(stop);
            while (true)
            {
                await _changed.WaitAsync(stop);
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
        (int Min, int Max) range = Range;
        Autoscaler autoscaler = new(range.Min, range.Max, options.ScaleDownAfter);
        while (true)
        {
            await Task.Delay(Period, time, stop);
            if (Range != range)
            {
                range = Range;
                autoscaler = new Autoscaler(range.Min, range.Max, options.ScaleDownAfter);
                if (scheduler.Count().Slots > range.Max)
                    Level(range.Max);
            }

            await ScaleAsync(autoscaler, range.Max, stop);
        }
    }

    private void Level(int wanted)
    {
        int slots = scheduler.Count().Slots;
        for (int more = slots; more < wanted; more++)
            scheduler.AddSlot();
        for (int less = slots; less > wanted; less--)
            scheduler.RetireSlot();
        if (slots != wanted)
            WorkerLog.Scaled(logger, slots, wanted, "by remote control");
    }

    private async Task ScaleAsync(Autoscaler autoscaler, int max, CancellationToken stop)
    {
        (int slots, int busy, int waiting) = scheduler.Count();
        // The broker is asked only where the answer can matter: all slots are busy, and one more is allowed.
        long ready = busy == slots && slots < max && intake.SawMore ? await CountReadyAsync(stop) : 0;
        if (autoscaler.Decide(time.GetUtcNow(), slots, busy, waiting + ready) is not { } decision)
            return;
        if (decision.Change < 0 && !scheduler.TryRemoveIdleSlot())
            return;
        for (int added = 0; added < decision.Change; added++)
            scheduler.AddSlot();
        WorkerLog.Scaled(logger, slots, slots + decision.Change, decision.Reason);
    }

    private async Task<long> CountReadyAsync(CancellationToken stop)
    {
        try
        {
            return (await broker.GetQueuesAsync(stop)).Where(queue => queues.Claimed.Contains(queue.Name)).Sum(queue => queue.Ready);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The intake tells of a broker that fails; not knowing is no reason to grow.
            return 0;
        }
    }
}
