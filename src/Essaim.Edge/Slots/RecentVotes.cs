namespace Essaim.Edge;

/// <summary>The last votes of a slot, for people to see. Not safe on several threads.</summary>
internal sealed class RecentVotes
{
    private const int Kept = 9;
    private readonly OrderedDictionary<VoteNumber, (Press Press, VoteVerdict? Verdict)> _votes = [];

    public void Add(StoredVote vote)
    {
        if (vote.Instead is { } old)
            _votes.Remove(old);
        _votes[vote.Number] = (vote.Press, null);
        while (_votes.Count > Kept)
            _votes.RemoveAt(0);
    }

    public void Answer(VoteNumber number, VoteVerdict verdict)
    {
        if (_votes.TryGetValue(number, out (Press Press, VoteVerdict? Verdict) vote))
            _votes[number] = (vote.Press, verdict);
    }

    public IReadOnlyList<RecentVote> Show(Func<Press, long?> age) =>
        [.. _votes.Values.Reverse().Select(vote => new RecentVote(vote.Press.Choice, age(vote.Press), vote.Verdict))];
}
