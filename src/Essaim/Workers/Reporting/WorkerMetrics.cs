using System.Diagnostics.Metrics;

namespace Essaim;

/// <summary>
/// What a worker tells <see cref="System.Diagnostics.Metrics"/>, under the meter <c>Essaim.Worker</c>. Names and tags are in <c>docs/worker.md</c>.
/// </summary>
internal sealed class WorkerMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Essaim.Worker";

    private readonly Meter _meter;
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _childrenEnded;

    /// <param name="count">Slots, and busy slots, now.</param>
    public WorkerMetrics(Func<(int Slots, int Busy)> count)
    {
        _meter = new Meter(MeterName);
        _meter.CreateObservableGauge("essaim.worker.slots", () => count().Slots, "{slot}", "Slots, those being started included");
        _meter.CreateObservableGauge("essaim.worker.slots.busy", () => count().Busy, "{slot}", "Slots that run a task");
        _decisions = _meter.CreateCounter<long>("essaim.worker.scale.decisions", "{decision}", "Decisions about the number of slots");
        _childrenEnded = _meter.CreateCounter<long>("essaim.worker.children.ended", "{process}", "Child processes that ended");
    }

    /// <summary>The number of slots changes.</summary>
    /// <param name="direction"><c>up</c>, <c>down</c>, <c>refused</c>.</param>
    public void Scaled(string direction) => _decisions.Add(1, new KeyValuePair<string, object?>("direction", direction));

    /// <summary>A child has ended.</summary>
    public void ChildEnded(EndCause cause) => _childrenEnded.Add(1, new KeyValuePair<string, object?>("cause", cause.Word));

    public void Dispose() => _meter.Dispose();
}
