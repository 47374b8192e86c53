using System.Diagnostics.Metrics;

namespace Essaim;

/// <summary>
/// What a worker tells <see cref="System.Diagnostics.Metrics"/>, under the meter <c>Essaim.Worker</c>;
/// <c>docs/metrics.md</c> has the names. Where nobody listens, each call costs one look at a flag. Safe on all threads.
/// </summary>
internal sealed class WorkerMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Essaim.Worker";

    private readonly Meter _meter;
    private readonly BoundedNames _names = new();
    private readonly Counter<long> _started;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _wait;
    private readonly Counter<long> _redelivered;
    private readonly Counter<long> _claims;
    private readonly Counter<long> _leasesLost;
    private readonly Counter<long> _childrenStarted;
    private readonly Counter<long> _childrenEnded;
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _eventsDropped;

    /// <param name="worker">The node's name: a tag of the meter, for programs that run several workers.</param>
    public WorkerMetrics(string worker)
    {
        _meter = new Meter(new MeterOptions(MeterName) { Tags = [new KeyValuePair<string, object?>("worker", worker)] });
        InstrumentAdvice<double> seconds = new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 7200] };
        _started = _meter.CreateCounter<long>("essaim.worker.tasks.started", "{task}", "Tasks begun");
        _ended = _meter.CreateCounter<long>("essaim.worker.tasks.ended", "{task}", "Deliveries ended, once the broker knows");
        _duration = _meter.CreateHistogram("essaim.worker.task.duration", "s", "How long tasks ran", null, seconds);
        _wait = _meter.CreateHistogram("essaim.worker.task.wait", "s", "From being ready in the queue to the beginning", null, seconds);
        _redelivered = _meter.CreateCounter<long>("essaim.worker.tasks.redelivered", "{task}", "Deliveries that are not a task's first");
        _claims = _meter.CreateCounter<long>("essaim.worker.claims", "{claim}", "Claims the broker has answered");
        _leasesLost = _meter.CreateCounter<long>("essaim.worker.leases.lost", "{lease}", "Leases that ran out with their task in hand: its outcome was dropped");
        _childrenStarted = _meter.CreateCounter<long>("essaim.worker.children.started", "{process}", "Child processes that came up");
        _childrenEnded = _meter.CreateCounter<long>("essaim.worker.children.ended", "{process}", "Child processes that ended");
        _decisions = _meter.CreateCounter<long>("essaim.worker.scale.decisions", "{decision}", "Decisions about the number of slots");
        _eventsDropped = _meter.CreateCounter<long>("essaim.worker.events.dropped", "{event}", "Events that were not sent");
    }

    /// <summary>Adds what is read when somebody asks. Called once all it reads from is there.</summary>
    public void Observe(Func<(int Slots, int Busy, int Waiting)> count, Func<TimeSpan> claimAge, Func<int> unsettled, Func<long?> memory)
    {
        _meter.CreateObservableGauge("essaim.worker.slots", () => count().Slots, "{slot}", "Slots, those being started included");
        _meter.CreateObservableGauge("essaim.worker.slots.busy", () => count().Busy, "{slot}", "Slots that run a task");
        _meter.CreateObservableGauge("essaim.worker.claim.age", () => claimAge().TotalSeconds, "s", "Time since the broker last answered a claim");
        _meter.CreateObservableGauge("essaim.worker.settle.pending", unsettled, "{delivery}", "Deliveries that ended and that the broker does not know of yet");
        _meter.CreateObservableGauge(
            "essaim.worker.memory", () => memory() is { } bytes ? [new Measurement<long>(bytes)] : Array.Empty<Measurement<long>>(), "By", "Resident memory, children included");
    }

    /// <summary>A task begins.</summary>
    public void Started(ReservedTask task)
    {
        if (!_started.Enabled && !_wait.Enabled)
            return;
        KeyValuePair<string, object?> name = NameOf(task);
        _started.Add(1, name);
        if (task.StartedTime is { } at)
            _wait.Record(Math.Max(0, (at - task.Delivery.ReadySince).TotalSeconds), name);
    }

    /// <summary>A delivery has ended, and the broker knows.</summary>
    /// <param name="task">Its task; null where it was refused before it was one.</param>
    /// <param name="outcome">How it ended.</param>
    public void Ended(ReservedTask? task, TaskOutcome outcome)
    {
        if (!_ended.Enabled && !_duration.Enabled)
            return;
        KeyValuePair<string, object?> name = task is null ? new("task", BoundedNames.Other) : NameOf(task);
        _ended.Add(1, name, new KeyValuePair<string, object?>("state", StateOf(outcome.Kind)));
        if (task is { StartedAt: not 0 })
            _duration.Record(outcome.Runtime.TotalSeconds, name);
    }

    /// <summary>The broker has answered a claim.</summary>
    public void Claimed(IReadOnlyList<Delivery> deliveries)
    {
        if (_claims.Enabled)
            _claims.Add(1, new KeyValuePair<string, object?>("result", deliveries.Count > 0 ? "tasks" : "empty"));
        if (!_redelivered.Enabled)
            return;
        int again = deliveries.Count(delivery => delivery.DeliveryCount > 1);
        if (again > 0)
            _redelivered.Add(again);
    }

    /// <summary>A lease ran out with its task in hand.</summary>
    public void LeaseLost() => _leasesLost.Add(1);

    /// <summary>A child process is up.</summary>
    public void ChildStarted() => _childrenStarted.Add(1);

    /// <summary>A child process has ended.</summary>
    public void ChildEnded(EndCause cause) => _childrenEnded.Add(1, new KeyValuePair<string, object?>("cause", cause.Word));

    /// <summary>A decision about the number of slots.</summary>
    /// <param name="direction"><c>up</c>, <c>down</c>, <c>refused</c>.</param>
    public void Scaled(string direction) => _decisions.Add(1, new KeyValuePair<string, object?>("direction", direction));

    /// <summary>Events were dropped.</summary>
    public void EventsDropped(long count) => _eventsDropped.Add(count);

    public void Dispose() => _meter.Dispose();

    private static string StateOf(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Success => "SUCCESS",
        OutcomeKind.Failure => "FAILURE",
        OutcomeKind.Retry => "RETRY",
        OutcomeKind.Revoked => "REVOKED",
        OutcomeKind.Rejected => "REJECTED",
        OutcomeKind.Ignored => "IGNORED",
        _ => "RELEASED",
    };

    private KeyValuePair<string, object?> NameOf(ReservedTask task) => new("task", _names.Of(task.Message.Task));
}
