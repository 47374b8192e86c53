namespace Essaim;

/// <summary>What every backend demands of what it is to publish.</summary>
internal static class OutgoingRules
{
    /// <summary>How long a chord's saved group structure is kept: as long as Celery keeps results by default.</summary>
    public static readonly TimeSpan SavedGroupExpiry = TimeSpan.FromDays(1);

    /// <summary>Refuses what no broker can queue, before anything is queued.</summary>
    /// <exception cref="ArgumentException">A message without queue or task id, or with a priority outside 0 to 9.</exception>
    public static void Check(this Outgoing outgoing)
    {
        for (int i = 0; i < outgoing.Messages.Count; i++)
        {
            OutgoingMessage message = outgoing.Messages[i];
            if (message.Queue.Length == 0 || message.TaskId.Length == 0)
                throw new ArgumentException($"Message {i} ({message.TaskName}) has no queue or no task id. Give it both.", nameof(outgoing));
            if (message.Priority is < 0 or > 9)
            {
                throw new ArgumentException(
                    $"The priority {message.Priority} of task {message.TaskName} ({message.TaskId}) is not in 0 (highest) to 9.", nameof(outgoing));
            }
        }
    }
}
