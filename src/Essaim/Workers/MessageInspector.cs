using Essaim.Protocol;

namespace Essaim;

/// <summary>Reads claimed messages and sorts them: those that may run, and those the worker refuses or puts off.</summary>
internal sealed class MessageInspector(
    TaskRegistry registry, SettlementDrafter drafter, WorkerOptions options, WorkerNode node, NodeLabels labels, Ledger ledger, Settler settler, TaskReporter reporter,
    RevokedTasks revoked, TaskLimits limits, QueueRegistry queues, TimeProvider time)
{
    /// <summary>The deliveries that may run, in order and entered in the ledger; the others are on their way to the settler.</summary>
    public IReadOnlyList<ReservedTask> Inspect(IReadOnlyList<Delivery> deliveries)
    {
        List<ReservedTask> accepted = new(deliveries.Count);
        long receivedAt = time.GetTimestamp();
        DateTimeOffset now = time.GetUtcNow();
        foreach (Delivery delivery in deliveries)
        {
            if (Inspect(delivery, receivedAt, now) is not { } task)
                continue;
            ledger.Add(task);
            accepted.Add(task);
        }

        return accepted;
    }

    private ReservedTask? Inspect(Delivery delivery, long receivedAt, DateTimeOffset now)
    {
        TaskMessage message;
        try
        {
            message = MessageCodec.Decode(delivery.Envelope);
        }
        catch (MessageFormatException malformed)
        {
            Bury(delivery, null, $"The message cannot be read: {malformed.Message}", ExceptionDocument.Of("DecodeError", malformed.Message, "kombu.exceptions"));
            return null;
        }

        if (delivery.DeliveryCount > options.InForce.MaxDeliveries)
        {
            string reason = $"Task {message.Task}[{message.Id}] was delivered {delivery.DeliveryCount - 1} times without settling.";
            Bury(delivery, message, reason, Outcomes.WorkerLost(reason));
            return null;
        }

        registry.TryGet(message.Task, out TaskDefinition? definition);
        if (Requirements.Of(message, definition) is { } required && Requirements.QueueFor(delivery.Queue, required) is var elsewhere
            && elsewhere != delivery.Queue && !labels.Meet(Requirements.Split(required)))
        {
            settler.Refuse(Move(delivery, message with { Headers = Requirements.AddTo(message.Headers, required)! }, elsewhere), message.Id, null);
            return null;
        }

        if (definition is null)
        {
            Bury(delivery, message, UnknownTask(message), ExceptionDocument.Of("NotRegistered", message.Task, "celery.exceptions"));
            return null;
        }

        bool isRevoked = delivery.Revoked || revoked.Contains(message);
        if (isRevoked || message.Expires < now)
        {
            reporter.Received(message);
            TaskOutcome outcome = Outcomes.Revoked(isRevoked ? "revoked" : "expired");
            settler.Refuse(drafter.PlanEnd(delivery, message, outcome), message.Id, outcome);
            return null;
        }

        if (message.Eta is { } eta && eta > now)
        {
            settler.Refuse(new Settlement { Lease = delivery.Lease, Action = SettleAction.Park, NotBefore = eta }, message.Id, null);
            return null;
        }

        reporter.Received(message);
        (TimeSpan? soft, TimeSpan? hard) = limits.TimesOf(definition);
        QueueDefinition? queue = queues.Find(delivery.Queue);
        SettingsInForce settings = options.InForce;
        ExecutionRequest request = new(
            delivery.Envelope, message, delivery.DeliveryCount,
            message.TimeLimits.Soft ?? soft ?? queue?.SoftTimeLimit ?? settings.SoftTimeLimit,
            message.TimeLimits.Hard ?? hard ?? queue?.HardTimeLimit ?? settings.HardTimeLimit)
        {
            QueuePolicy = queue?.RetryPolicy,
        };
        // What may have ended its child is not to end others with it.
        return new ReservedTask(delivery, message, definition, request, receivedAt) { SharesChild = queue is { SharesChild: true } && delivery.DeliveryCount == 1 };
    }

    /// <summary>In one step: it is never in both queues, and never in none.</summary>
    private static Settlement Move(Delivery delivery, TaskMessage message, string queue)
    {
        TaskMessage moved = message with { RoutingKey = queue, Exchange = "", DeliveryTag = NewIds.Next() };
        return new Settlement
        {
            Lease = delivery.Lease,
            Action = SettleAction.Complete,
            Publish = Outgoing.Of(new OutgoingMessage
            {
                Envelope = MessageCodec.Encode(moved),
                TaskId = message.Id,
                TaskName = message.Task,
                Queue = queue,
                Priority = message.Priority,
                NotBefore = message.Eta,
            }),
        };
    }

    private void Bury(Delivery delivery, TaskMessage? message, string reason, ExceptionDocument error)
    {
        TaskOutcome told = new() { Kind = OutcomeKind.Failure, Error = error };
        settler.Refuse(drafter.PlanBurial(delivery, message, reason, error), message?.Id, message is null ? null : told);
    }

    private string UnknownTask(TaskMessage message)
    {
        IEnumerable<string> known = registry.Definitions.Select(one => one.Name)
            .Where(name => !name.StartsWith("celery.", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return $"This worker ({node.Name}) has no task '{message.Task}'. It has: {string.Join(", ", known)}. "
            + $"Start a worker that has it on queue '{message.RoutingKey}' and replay the message, or send it to another queue.";
    }
}
