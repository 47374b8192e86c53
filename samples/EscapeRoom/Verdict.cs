using Essaim;
using Essaim.Protocol;

namespace EscapeRoom;

/// <summary>A vote, as the core gives it to the task of a closed round.</summary>
public sealed record Ballot(string Slot, string Choice);

/// <summary>What a room's nine votes came to.</summary>
public sealed record Verdict(long Round, string Winner, int Votes, IReadOnlyDictionary<string, int> Counts)
{
    /// <summary>The task a closed round starts.</summary>
    public const string TaskName = "night.verdict";

    /// <summary>The task itself: most votes win; of two that have as many, the one whose votes were in first.</summary>
    public static Verdict Of(long round, IReadOnlyList<Ballot> votes, [RestKeywords] IReadOnlyDictionary<string, RawJson> rest)
    {
        _ = rest;
        Dictionary<string, int> counts = [];
        string winner = "nobody";
        foreach (Ballot vote in votes)
        {
            counts[vote.Choice] = counts.GetValueOrDefault(vote.Choice) + 1;
            if (counts[vote.Choice] > counts.GetValueOrDefault(winner))
                winner = vote.Choice;
        }

        return new Verdict(round, winner, votes.Count, counts);
    }
}
