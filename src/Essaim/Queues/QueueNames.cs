namespace Essaim;

/// <summary>Names of queues: <c>scan</c>, and <c>scan@gpu,site=attic</c> derived from it for messages that require labels.</summary>
internal static class QueueNames
{
    /// <summary>Between a queue's name and what its messages require.</summary>
    public const char Mark = '@';

    /// <summary>The queue a derived one belongs to; a queue's own name where it is not derived.</summary>
    public static string BaseOf(string queue)
    {
        int at = queue.IndexOf(Mark);
        return at > 0 ? queue[..at] : queue;
    }
}
