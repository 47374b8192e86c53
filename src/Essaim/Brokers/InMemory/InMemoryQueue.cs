namespace Essaim;

/// <summary>One queue of the in-memory broker.</summary>
internal sealed class InMemoryQueue(string name)
{
    public string Name => name;

    /// <summary>By priority, then position.</summary>
    public SortedSet<HeldMessage> Ready { get; } = new(Comparer<HeldMessage>.Create(static (left, right) =>
    {
        int byPriority = left.Message.Priority.CompareTo(right.Message.Priority);
        return byPriority != 0 ? byPriority : left.Position.CompareTo(right.Position);
    }));

    public long Delayed { get; set; }

    public long InFlight { get; set; }

    /// <summary>Delayed messages that hold the queue; see <see cref="OutgoingMessage.KeepsPlace"/>.</summary>
    public int KeptPlaces { get; set; }

    public long Dead { get; set; }

    /// <summary>When it last gave a message, as a count of all messages given: equals are served in turn.</summary>
    public long LastServed { get; set; }

    public QueueStatus GetStatus() =>
        new(name, Ready.Count, Delayed, InFlight, Dead, Ready.Count == 0 ? null : Ready.Min(message => message.ReadySince));
}
