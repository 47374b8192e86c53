using Essaim.Protocol;

namespace Essaim.Storage;

/// <summary>Workers by what they last said of themselves. Sightings are recorded with <see cref="ITaskHistory.RecordAsync"/>.</summary>
internal interface IWorkerDirectory
{
    /// <summary>Workers seen since <paramref name="since"/>, by node name.</summary>
    ValueTask<IReadOnlyList<WorkerRecord>> ListAsync(DateTimeOffset since, CancellationToken cancellationToken);
}

/// <summary>A sign of life, or the last word, of a worker.</summary>
/// <param name="Node"><c>name@host</c>.</param>
/// <param name="At">When, by the worker's clock.</param>
/// <param name="Offline">True for <c>worker-offline</c>.</param>
/// <param name="Facts">The event's own object: pid, active, processed, freq, sw_ver…</param>
internal sealed record WorkerSighting(string Node, DateTimeOffset At, bool Offline, RawJson Facts);

/// <summary>A worker as last seen.</summary>
/// <param name="Node"><c>name@host</c>.</param>
/// <param name="FirstSeen">First sign of life ever.</param>
/// <param name="LastSeen">Latest sign of life.</param>
/// <param name="Offline">It said good-bye.</param>
/// <param name="Facts">What it last said of itself.</param>
internal sealed record WorkerRecord(string Node, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, bool Offline, RawJson Facts);
