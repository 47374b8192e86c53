namespace Essaim.Edge;

/// <summary>
/// Which votes to send when: the oldest first, a window of them at a time, again after 2 s, 4 s … 30 s until the core answers. A broker's
/// acknowledgement means nothing here. Not safe on several threads.
/// </summary>
internal sealed class Outbox(TimeProvider time)
{
    /// <summary>Votes sent and not answered; the others wait for them.</summary>
    public const int Window = 64;

    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);
    private readonly OrderedDictionary<VoteNumber, Sending> _open = [];

    /// <summary>Votes the core has not answered.</summary>
    public int Count => _open.Count;

    public void Add(StoredVote vote) => _open.TryAdd(vote.Number, new Sending(vote));

    /// <summary>The core has answered it.</summary>
    public bool Remove(VoteNumber number) => _open.Remove(number);

    /// <summary>Sends all of the window again at once: the connection is new, or the core is.</summary>
    public void SendAgain()
    {
        foreach (Sending sending in _open.Values)
            (sending.SentAt, sending.Wait) = (null, s_first);
    }

    /// <summary>What is to be sent now; it counts as sent.</summary>
    public IReadOnlyList<StoredVote> TakeDue()
    {
        List<StoredVote> due = [];
        foreach (Sending sending in _open.Values.Take(Window).Where(sending => WaitFor(sending) <= TimeSpan.Zero))
        {
            due.Add(sending.Vote);
            sending.Wait = sending.SentAt is null ? s_first : TimeSpan.FromTicks(Math.Min(sending.Wait.Ticks * 2, s_longest.Ticks));
            sending.SentAt = time.GetTimestamp();
        }

        return due;
    }

    /// <summary>In how long <see cref="TakeDue"/> has something; null where nothing waits.</summary>
    public TimeSpan? NextDue()
    {
        TimeSpan? least = null;
        foreach (Sending sending in _open.Values.Take(Window))
        {
            TimeSpan wait = WaitFor(sending);
            least = least is null || wait < least ? wait : least;
        }

        return least < TimeSpan.Zero ? TimeSpan.Zero : least;
    }

    private TimeSpan WaitFor(Sending sending) => sending.SentAt is { } at ? sending.Wait - time.GetElapsedTime(at) : TimeSpan.Zero;

    private sealed class Sending(StoredVote vote)
    {
        public StoredVote Vote => vote;

        public long? SentAt { get; set; }

        public TimeSpan Wait { get; set; } = s_first;
    }
}
