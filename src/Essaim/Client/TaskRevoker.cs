using Essaim.Protocol;

namespace Essaim;

/// <summary>Cancels tasks wherever they are.</summary>
internal sealed class TaskRevoker(IBackend backend, TaskClientOptions options)
{
    /// <summary>Celery forgets revoked ids after three hours, too.</summary>
    private static readonly TimeSpan Keep = TimeSpan.FromHours(3);

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly string Name = $"gen{Environment.ProcessId}@{Environment.MachineName}";

    public async ValueTask RevokeAsync(IReadOnlyList<string> taskIds, bool terminate, CancellationToken cancellationToken)
    {
        // Marked first: a message a worker claims in between, or one that is published later, is then seen as revoked.
        await backend.Broker.MarkRevokedAsync(taskIds, Keep, cancellationToken);
        List<Settlement> settlements = [];
        List<string> elsewhere = [];
        SettlementPlanner planner = new(options.Registry, options, options.ClockOf(backend));
        foreach (string id in taskIds)
        {
            Delivery? waiting = await backend.Broker.ClaimTaskAsync(id, Name, Lease, cancellationToken);
            if (waiting is null)
                elsewhere.Add(id);
            else
                settlements.Add(Plan(planner, waiting));
        }

        if (settlements.Count > 0)
            await backend.Broker.SettleAsync(settlements, cancellationToken);
        if (elsewhere.Count > 0)
        {
            await backend.Control.CastAsync(
                new ControlRequest("revoke", RawJson.From(new { task_id = elsewhere, terminate, signal = "SIGTERM" })), cancellationToken);
        }
    }

    private static Settlement Plan(SettlementPlanner planner, Delivery waiting)
    {
        try
        {
            TaskOutcome outcome = new() { Kind = OutcomeKind.Revoked, Error = TaskErrorDocuments.Revoked("revoked"), Reason = "revoked" };
            return planner.Plan(waiting, MessageCodec.Decode(waiting.Envelope), outcome, Name);
        }
        catch (MessageFormatException error)
        {
            return planner.PlanDeadLetter(waiting, null, error.Message, TaskErrorDocuments.Of(error), Name);
        }
    }
}
