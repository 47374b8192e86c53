using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// Works out everything that follows from how a task ended: results, callbacks, the next link of a chain, chord parts, errbacks, the
/// retry message, the feed entry. Pure: no I/O, so that the broker can do it all in one step.
/// </summary>
internal interface ISettlementPlanner
{
    /// <summary>Plans the settlement of a delivery whose message could be read.</summary>
    Settlement Plan(Delivery delivery, TaskMessage message, TaskOutcome outcome, string worker);

    /// <summary>
    /// Plans the end of a delivery nobody can process (malformed, unknown task, too many deliveries): to the dead letters with
    /// <paramref name="reason"/>; where <paramref name="message"/> could be read, with a FAILURE result and all that follows from it.
    /// </summary>
    Settlement PlanDeadLetter(Delivery delivery, TaskMessage? message, string reason, ExceptionDocument error, string worker);
}
