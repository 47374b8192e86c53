namespace Essaim.Edge;

/// <summary>
/// The rules by which votes count exactly once, in memory. The core's database follows the same rules in one transaction; this is what it is
/// compared with, and what plays the core in tests. Not safe on several threads.
/// </summary>
internal sealed class VoteLedger
{
    private readonly Dictionary<(string Slot, VoteNumber Number), (string Hash, VoteVerdict Verdict)> _votes = [];
    private readonly Dictionary<(string Slot, string Epoch), long> _highest = [];
    private readonly Dictionary<string, Round> _rounds = [];

    /// <summary>The round opened last; null where there was none.</summary>
    public Round? Current { get; private set; }

    /// <summary>Votes under the number of another.</summary>
    public int Conflicts { get; private set; }

    public IReadOnlyDictionary<string, Round> Rounds => _rounds;

    /// <summary>Opens a round; null where one is open.</summary>
    public Round? Open(string id, int expected)
    {
        if (Current is { State: RoundState.Open })
            return null;
        return Current = Keep(Round.Open(id, expected));
    }

    /// <summary>Closes the current round; null where it is not open.</summary>
    public Round? Close() => Keep(Current?.Close());

    /// <summary>Declares a round void; null where it is not there, or is already.</summary>
    public Round? Annul(string id, string reason) => Keep(_rounds.GetValueOrDefault(id)?.Annul(reason));

    /// <summary>Takes a vote, for the first time or again.</summary>
    /// <returns>The verdict: the same whenever the same vote comes.</returns>
    public VoteVerdict Take(string slot, SlotEvent vote)
    {
        VoteNumber number = new(vote.Epoch, vote.Sequence);
        string hash = VoteBody.Hash(vote);
        if (_votes.TryGetValue((slot, number), out (string Hash, VoteVerdict Verdict) known))
        {
            if (known.Hash == hash)
                return known.Verdict;
            Conflicts++;
            return VoteVerdict.Conflict;
        }

        Round? counted = vote.Round is { } stamp && stamp == Current?.Id ? Current.Count() : null;
        Keep(counted);
        VoteVerdict verdict = counted is null ? VoteVerdict.Late : VoteVerdict.Counted;
        _votes.Add((slot, number), (hash, verdict));
        _highest[(slot, vote.Epoch)] = Math.Max(vote.Sequence, Highest(slot, vote.Epoch));
        return verdict;
    }

    /// <summary>A vote of this number was taken.</summary>
    public bool Knows(string slot, SlotEvent vote) => _votes.ContainsKey((slot, new VoteNumber(vote.Epoch, vote.Sequence)));

    /// <summary>The highest number seen of a slot's epoch; 0 where none was.</summary>
    public long Highest(string slot, string epoch) => _highest.GetValueOrDefault((slot, epoch));

    private Round? Keep(Round? round)
    {
        if (round is null)
            return null;
        _rounds[round.Id] = round;
        if (Current?.Id == round.Id)
            Current = round;
        return round;
    }
}
