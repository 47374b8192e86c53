using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>Plans the least that must follow a task: its result and the completion.</summary>
internal sealed class PlainPlanner(TimeProvider time) : ISettlementPlanner
{
    public Settlement Plan(Delivery delivery, TaskMessage message, TaskOutcome outcome, string worker)
    {
        if (outcome.Kind == OutcomeKind.Retry)
            return new Settlement { Lease = delivery.Lease, Action = SettleAction.Park, NotBefore = time.GetUtcNow() + outcome.RetryAfter };
        TaskState state = outcome.Kind switch
        {
            OutcomeKind.Success => TaskState.Success,
            OutcomeKind.Revoked => TaskState.Revoked,
            _ => TaskState.Failure,
        };
        return End(delivery, message, state, outcome.Error?.Encode() ?? outcome.Result, worker) with { Action = SettleAction.Complete };
    }

    public Settlement PlanDeadLetter(Delivery delivery, TaskMessage? message, string reason, ExceptionDocument error, string worker) => message is null
        ? new Settlement { Lease = delivery.Lease, Action = SettleAction.DeadLetter, Reason = reason }
        : End(delivery, message, TaskState.Failure, error.Encode(), worker) with { Reason = reason };

    private Settlement End(Delivery delivery, TaskMessage message, TaskState state, RawJson result, string worker)
    {
        DateTimeOffset now = time.GetUtcNow();
        ResultDocument document = new() { TaskId = message.Id, State = state, Result = result, DateDone = now };
        return new Settlement
        {
            Lease = delivery.Lease,
            Action = SettleAction.DeadLetter,
            Results = [new ResultWrite(message.Id, state, document.Encode(), null)],
            Completion = new Completion(message.Id, message.Task, state, delivery.Queue, worker, now, TimeSpan.Zero, null),
        };
    }
}
