using Essaim.Protocol;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Writes the settlement of a task that ended, or whose executor died.</summary>
internal sealed class SettlementDrafter(ISettlementPlanner planner, string node, WorkerOptions options, ILogger logger)
{
    public void Draft(Ending ending)
    {
        if (ending.Settlement is not null || ending.Task is not { } task)
            return;
        if (ending.Cause is { } cause)
            DraftLost(ending, task, cause);
        else
            ending.Settlement = PlanEnd(task.Delivery, task.Message, ending.Outcome!);
    }

    /// <summary>The settlement of a delivery that ended without having run.</summary>
    public Settlement PlanEnd(Delivery delivery, TaskMessage message, TaskOutcome outcome)
    {
        try
        {
            return planner.Plan(delivery, message, outcome, node);
        }
        catch (Exception fault)
        {
            // A fault in what follows a task (an errback nobody can read, say) must not hold up all others.
            WorkerLog.PlanFails(logger, message.Task, message.Id, fault);
            string reason = $"Task {message.Task}[{message.Id}] ended, but what follows it could not be worked out: {fault.Message}";
            return PlanBurial(delivery, message, reason, ExceptionDocument.Of(fault.GetType().Name, fault.Message, fault.GetType().Namespace ?? ""));
        }
    }

    /// <summary>The settlement that sends a delivery to the dead letters.</summary>
    public Settlement PlanBurial(Delivery delivery, TaskMessage? message, string reason, ExceptionDocument error)
    {
        WorkerLog.DeadLetter(logger, reason);
        try
        {
            return planner.PlanDeadLetter(delivery, message, reason, error, node);
        }
        catch (Exception fault) when (message is not null)
        {
            // Without what follows, then.
            WorkerLog.PlanFails(logger, message.Task, message.Id, fault);
            return planner.PlanDeadLetter(delivery, null, reason, error, node);
        }
    }

    private void DraftLost(Ending ending, ReservedTask task, EndCause cause)
    {
        int count = task.Delivery.DeliveryCount;
        if (count < options.InForce.MaxDeliveries)
        {
            WorkerLog.ExecutorLost(logger, task.ShownName, task.Message.Id, cause.Sentence, cause.Word, count, options.InForce.MaxDeliveries);
            ending.Settlement = new Settlement { Lease = task.Delivery.Lease, Action = SettleAction.Return };
            return;
        }

        string reason = $"Task {task.Message.Task}[{task.Message.Id}] ended the process that ran it: delivery {count} of {options.InForce.MaxDeliveries} {cause.Sentence}.";
        ExceptionDocument error = Outcomes.WorkerLost(reason);
        ending.Outcome = new TaskOutcome { Kind = OutcomeKind.Failure, Error = error, Cause = cause };
        ending.Settlement = PlanBurial(task.Delivery, task.Message, reason, error);
    }
}
