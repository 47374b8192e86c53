using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// What steps of a task have given, under the task's id, so that a task that is run again does not do them again. Safe on all threads and
/// processes; an acknowledged record survives what the broker's messages survive.
/// </summary>
public interface IStepStore
{
    /// <summary>All recorded steps of a task, by name.</summary>
    ValueTask<IReadOnlyDictionary<string, RawJson>> ReadAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>
    /// Records what a step gave, unless it has been recorded before. Returns what is recorded: the first to record wins, should a task whose lease
    /// was lost run beside its successor.
    /// </summary>
    /// <param name="taskId">The task.</param>
    /// <param name="step">Name of the step.</param>
    /// <param name="result">What it gave.</param>
    /// <param name="keep">How long the steps of this task are kept from now on, should it never end.</param>
    /// <param name="cancellationToken">Stops waiting; the step may be recorded all the same.</param>
    ValueTask<RawJson> RecordAsync(string taskId, string step, RawJson result, TimeSpan keep, CancellationToken cancellationToken);
}
