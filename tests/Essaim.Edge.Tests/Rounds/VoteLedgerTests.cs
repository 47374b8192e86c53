namespace Essaim.Edge.Tests;

public sealed class VoteLedgerTests
{
    private readonly VoteLedger _ledger = new();

    [Fact]
    public void Take_LastExpectedVote_ClosesTheRound()
    {
        _ledger.Open("1", 2);

        Assert.Equal(VoteVerdict.Counted, _ledger.Take("a", Vote(1)));
        Assert.Equal((RoundState.Open, 1, 2), (_ledger.Current!.State, _ledger.Current.Votes, _ledger.Current.Revision));
        Assert.Equal(VoteVerdict.Counted, _ledger.Take("b", Vote(1)));
        Assert.Equal((RoundState.Closed, 2, 3), (_ledger.Current!.State, _ledger.Current.Votes, _ledger.Current.Revision));
        Assert.Equal(VoteVerdict.Late, _ledger.Take("c", Vote(1)));
        Assert.Equal(2, _ledger.Current.Votes);
    }

    [Fact]
    public void Take_Again_HasTheFirstVerdictWhateverHappenedSince()
    {
        _ledger.Open("1", 1);
        SlotEvent counted = Vote(1);
        SlotEvent late = Vote(2);
        Assert.Equal(VoteVerdict.Counted, _ledger.Take("a", counted));
        Assert.Equal(VoteVerdict.Late, _ledger.Take("a", late));
        _ledger.Open("2", 9);

        Assert.Equal(VoteVerdict.Counted, _ledger.Take("a", counted with { Age = 99, IsSynchronised = true }));
        Assert.Equal(VoteVerdict.Late, _ledger.Take("a", late));
        Assert.Equal(0, _ledger.Current!.Votes);
        Assert.Equal(2, _ledger.Highest("a", "e"));
    }

    [Fact]
    public void Take_OtherVoteUnderTheSameNumber_IsAConflict()
    {
        _ledger.Open("1", 9);
        _ledger.Take("a", Vote(1));

        Assert.Equal(VoteVerdict.Conflict, _ledger.Take("a", Vote(1) with { Choice = "blue" }));
        Assert.Equal(VoteVerdict.Counted, _ledger.Take("a", Vote(1) with { Choice = "blue", Epoch = "f" }));
        Assert.Equal((1, 2), (_ledger.Conflicts, _ledger.Current!.Votes));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    [InlineData("7")]
    public void Take_OfAnotherRoundOrNone_IsLate(string? round)
    {
        _ledger.Open("1", 9);
        _ledger.Close();
        _ledger.Open("2", 9);

        Assert.Equal(VoteVerdict.Late, _ledger.Take("a", Vote(1, round)));
        Assert.Equal(0, _ledger.Current!.Votes);
    }

    [Fact]
    public void Steps_OfARound_HappenOnceAndInTheirOrder()
    {
        Assert.Null(_ledger.Close());
        Assert.NotNull(_ledger.Open("1", 9));
        Assert.Null(_ledger.Open("2", 9));
        Assert.Equal(RoundState.Closed, _ledger.Close()!.State);
        Assert.Null(_ledger.Close());
        Assert.NotNull(_ledger.Open("2", 9));
        Assert.Equal((RoundState.Void, "wrong question"), (_ledger.Annul("1", "wrong question")!.State, _ledger.Rounds["1"].Reason));
        Assert.Null(_ledger.Annul("1", "again"));
        Assert.Null(_ledger.Annul("9", "none"));
        Assert.Equal("2", _ledger.Current!.Id);
        Assert.Equal(VoteVerdict.Late, _ledger.Take("a", Vote(1, "1")));
        Assert.Equal(new RoundNotice { Round = "2", Revision = 1, State = RoundState.Open, Expected = 9 }, _ledger.Current.Notice);
        Assert.Throws<ArgumentOutOfRangeException>(() => Round.Open("3", 0));
    }

    [Fact]
    public void Hash_EveryField_TellsVotesApart()
    {
        SlotEvent vote = Vote(1) with { Round = "1", Input = "2", Choice = "3", At = "4", Monotonic = 5 };
        SlotEvent[] others =
        [
            vote with { Round = null }, vote with { Round = "" }, vote with { Round = "12", Input = "" }, vote with { Input = "1" }, vote with { Choice = "x" },
            vote with { At = "5" }, vote with { Monotonic = 6 }, vote with { Kind = "other" }, vote with { Round = "1;1:2", Input = "2" },
        ];

        Assert.Equal(10, others.Append(vote).Select(VoteBody.Hash).Distinct().Count());
        Assert.Equal(VoteBody.Hash(vote), VoteBody.Hash(vote with { Age = 1, IsSynchronised = true, Epoch = "x", Sequence = 9 }));
    }

    private static SlotEvent Vote(long sequence, string? round = "1") => new() { Epoch = "e", Sequence = sequence, Kind = SlotEvent.Vote, Round = round, Choice = "red" };
}
