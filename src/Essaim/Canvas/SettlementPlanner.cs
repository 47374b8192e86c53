using Essaim.Protocol;

namespace Essaim;

/// <summary>Celery's rules for what follows a task.</summary>
internal sealed class SettlementPlanner : ISettlementPlanner
{
    private readonly TaskRegistry? _registry;
    private readonly TaskClientOptions _options;
    private readonly MessageFactory _messages;
    private readonly ChordBodies _chords;
    private readonly QueueRegistry? _queues;

    /// <param name="registry">Definitions of local tasks, for result options; null: defaults.</param>
    /// <param name="options">Routes, default queue.</param>
    /// <param name="clock">Of ends and retries: the broker's.</param>
    /// <param name="queues">Tells which queues are in order; null: none.</param>
    public SettlementPlanner(TaskRegistry? registry, TaskClientOptions options, TimeProvider clock, QueueRegistry? queues = null)
    {
        _queues = queues;
        _registry = registry;
        _options = options;
        _messages = new MessageFactory(options, registry, clock);
        _chords = new ChordBodies(_messages, options);
    }

    public Settlement Plan(Delivery delivery, TaskMessage message, TaskOutcome outcome, string worker)
    {
        TaskEnd end = new(delivery, message, ReadEmbed(message), outcome, worker, _messages.Time.GetUtcNow());
        return outcome.Kind switch
        {
            OutcomeKind.Success => Succeed(end),
            OutcomeKind.Failure => Fail(end, TaskState.Failure, ErrorOf(outcome)),
            OutcomeKind.Revoked => Fail(end, TaskState.Revoked, outcome.Error ?? TaskErrorDocuments.Revoked(RevokeWord(outcome.Reason))),
            OutcomeKind.Retry => Retry(end),
            OutcomeKind.Ignored => end.Settle() with { Completion = end.Complete(new TaskState("IGNORED")) },
            OutcomeKind.GivenBack => new Settlement { Lease = delivery.Lease, Action = SettleAction.Release },
            OutcomeKind.Rejected when outcome.Requeue => new Settlement { Lease = delivery.Lease, Action = SettleAction.Requeue },
            _ => PlanDeadLetter(
                delivery, message, outcome.Reason ?? "The task rejected its message.",
                outcome.Error ?? TaskErrorDocuments.Rejected(outcome.Reason ?? "The task rejected its message."), worker),
        };
    }

    public Settlement PlanDeadLetter(Delivery delivery, TaskMessage? message, string reason, ExceptionDocument error, string worker)
    {
        if (message is null)
            return new Settlement { Lease = delivery.Lease, Action = SettleAction.DeadLetter, Reason = reason };
        TaskOutcome outcome = new() { Kind = OutcomeKind.Failure, Error = error };
        TaskEnd end = new(delivery, message, ReadEmbed(message), outcome, worker, _messages.Time.GetUtcNow());
        return Fail(end, TaskState.Failure, error) with { Action = SettleAction.DeadLetter, Reason = reason };
    }

    private Settlement Succeed(TaskEnd end)
    {
        TaskMessage message = end.Message;
        CanvasPublication publication = new(_messages, end.RootId, message.Id);
        List<CanvasNode> children = [.. end.Outcome.Children.Select(id => new CanvasNode(id))];
        if (!end.Embed.IsEmpty)
        {
            RawJson previous = JsonList.Of([end.Outcome.Result]);
            IReadOnlyList<Signature> callbacks = end.Embed.Callbacks;
            if (callbacks.Count > 0)
                children.Add(publication.Add(callbacks.Count == 1 ? callbacks[0] : Signature.GroupOf(callbacks), previous));
            if (end.Embed.Chain is [.., var next])
                children.Add(publication.Add(next, previous, [.. end.Embed.Chain.SkipLast(1)]));
        }

        return end.Settle() with
        {
            Results = IsIgnored(message) ? [] : [end.Write(TaskState.Success, end.Outcome.Result, children, Keep(message))],
            Publish = publication.Outgoing,
            ChordParts = PartOf(end, TaskState.Success, end.Outcome.Result),
            Completion = end.Complete(TaskState.Success),
        };
    }

    private Settlement Fail(TaskEnd end, TaskState state, ExceptionDocument error)
    {
        TaskMessage message = end.Message;
        RawJson result = error.Encode();
        List<ResultWrite> results = [];
        List<ChordPart> parts = [.. PartOf(end, state, result)];
        if (!IsIgnored(message))
            results.Add(end.Write(state, result, [.. end.Outcome.Children.Select(id => new CanvasNode(id))], Keep(message)));
        foreach (FailedTask task in end.Embed.Chain.SelectMany(FailedTasks.In))
        {
            results.Add(TaskEnd.WriteCopy(task.Id, state, result, end.Outcome.Traceback, end.At, _options.FindResultExpires()));
            if (task is { Chord: { } chord, GroupId: { } group })
                parts.Add(_chords.Part(chord, group, task.GroupIndex, task.Id, state, result, end.RootId));
        }

        return end.Settle() with
        {
            Results = results,
            Publish = state == TaskState.Failure ? _chords.Errbacks(end.Embed.Errbacks, message.Id, end.RootId) : Outgoing.Nothing,
            ChordParts = parts,
            Completion = end.Complete(state),
        };
    }

    private Settlement Retry(TaskEnd end)
    {
        DateTimeOffset due = end.At + end.Outcome.RetryAfter;
        TaskMessage again = end.Message with
        {
            Retries = end.Message.Retries + 1,
            Eta = due,
            DeliveryTag = MessageFactory.NewId(),
            Redelivered = false,
            Headers = MessageHeaders.WithSent(end.Message.Headers, due),
        };
        // Its key is held by this very task, which goes on; asking for it again would be refused.
        OutgoingMessage message = _messages.Facts(again, MessageCodec.Encode(again)) with
        {
            UniqueKey = null,
            Queue = end.Delivery.Queue,
            KeepsPlace = _queues?.Find(end.Delivery.Queue)?.Fifo == true,
        };
        return end.Settle() with
        {
            Results = IsIgnored(end.Message) ? [] : [end.Write(TaskState.Retry, ErrorOf(end.Outcome).Encode(), [], Keep(end.Message))],
            Publish = Outgoing.Of(message),
            UniqueKey = null,
            ForgetsSteps = false,
        };
    }

    private IReadOnlyList<ChordPart> PartOf(TaskEnd end, TaskState state, RawJson result) => end is { Embed.Chord: { } chord, Message.GroupId: { } group }
        ? [_chords.Part(chord, group, end.Message.GroupIndex, end.Message.Id, state, result, end.RootId)]
        : [];

    private bool IsIgnored(TaskMessage message) => message.IgnoreResult ?? Find(message)?.IgnoreResult ?? false;

    private TimeSpan? Keep(TaskMessage message) => Find(message) is { KeepsResultsItsWay: true } own ? own.ResultExpires : _options.FindResultExpires();

    private TaskOptions? Find(TaskMessage message) => _registry?.TryGet(message.Task, out TaskDefinition? definition) == true ? definition.Options : null;

    private static ExceptionDocument ErrorOf(TaskOutcome outcome) =>
        outcome.Error ?? ExceptionDocument.Of("WorkerLostError", outcome.Reason ?? "The task ended without an answer.", "billiard.exceptions");

    private static string RevokeWord(string? reason) => reason is "expired" or "terminated" ? reason : "revoked";

    /// <summary>A body that cannot be read has no followers; its fault is reported by whoever reads the arguments.</summary>
    private static TaskEmbed ReadEmbed(TaskMessage message)
    {
        try
        {
            return MessageCodec.ReadBody(message).Embed;
        }
        catch (MessageFormatException)
        {
            return TaskEmbed.Empty;
        }
    }
}
