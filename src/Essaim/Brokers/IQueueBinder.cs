namespace Essaim;

/// <summary>A backend whose exchanges are Celery's: a queue can be bound to one, so that what is sent there reaches it. Safe on all threads.</summary>
public interface IQueueBinder
{
    /// <summary>Binds a queue; again is as good as once. Python's clients and Essaim's heed it from then on.</summary>
    /// <param name="queue">The queue; need not exist.</param>
    /// <param name="exchange">The exchange, as senders name it.</param>
    /// <param name="routingKey">What senders must name; with <paramref name="topic"/> a pattern of words between dots, <c>*</c> one of them, <c>#</c> any number.</param>
    /// <param name="topic">True for topic exchanges, false for direct ones.</param>
    /// <param name="cancellationToken">Stops.</param>
    ValueTask BindAsync(string queue, string exchange, string routingKey, bool topic, CancellationToken cancellationToken);

    /// <summary>Takes a binding back. False where there is none.</summary>
    ValueTask<bool> UnbindAsync(string queue, string exchange, string routingKey, bool topic, CancellationToken cancellationToken);
}
