using Essaim.Protocol;

namespace Essaim;

/// <summary>The end of one delivery, and the records every kind of end writes.</summary>
internal sealed record TaskEnd(Delivery Delivery, TaskMessage Message, TaskEmbed Embed, TaskOutcome Outcome, string Worker, DateTimeOffset At)
{
    public string RootId => Message.RootId ?? Message.Id;

    public Settlement Settle() => new()
    {
        Lease = Delivery.Lease,
        Action = SettleAction.Complete,
        UniqueKey = UniqueHeader.KeyFreedAtTheEnd(Message),
        ForgetsSteps = Outcome.UsedSteps,
    };

    public Completion Complete(TaskState state) =>
        new(Message.Id, Message.Task, state, Delivery.Queue, Worker, At, Outcome.Runtime, RootId);

    public ResultWrite Write(TaskState state, RawJson result, IReadOnlyList<CanvasNode> children, TimeSpan? expiresAfter)
    {
        ResultDocument document = new()
        {
            TaskId = Message.Id,
            State = state,
            Result = result,
            Traceback = Outcome.Traceback,
            Children = children.Count == 0 ? RawJson.EmptyArray : CanvasNode.WriteList(children),
            DateDone = state.IsReady ? At : null,
            GroupId = Message.GroupId,
            ParentId = Message.ParentId,
            Name = Message.Task,
            Worker = Worker,
            Retries = Message.Retries,
            Queue = Delivery.Queue,
        };
        return new ResultWrite(Message.Id, state, document.Encode(), expiresAfter);
    }

    /// <summary>The same end for a task that was to follow.</summary>
    public static ResultWrite WriteCopy(string taskId, TaskState state, RawJson result, string? traceback, DateTimeOffset at, TimeSpan? expiresAfter)
    {
        ResultDocument document = new() { TaskId = taskId, State = state, Result = result, Traceback = traceback, DateDone = at };
        return new ResultWrite(taskId, state, document.Encode(), expiresAfter);
    }
}
