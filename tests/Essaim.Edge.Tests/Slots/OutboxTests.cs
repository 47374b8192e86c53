using Essaim.Testing;

namespace Essaim.Edge.Tests;

public sealed class OutboxTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Outbox _outbox;

    public OutboxTests() => _outbox = new Outbox(_time);

    [Fact]
    public void TakeDue_Unanswered_ComesAgainEverLater()
    {
        _outbox.Add(Vote(1));
        List<double> sent = [];
        double now = 0;
        while (now < 130)
        {
            if (_outbox.TakeDue().Count > 0)
                sent.Add(now);
            TimeSpan next = _outbox.NextDue()!.Value;
            _time.Advance(next);
            now += next.TotalSeconds;
        }

        Assert.Equal([0, 2, 6, 14, 30, 60, 90, 120], sent);
    }

    [Fact]
    public void TakeDue_Many_AreAWindowOfTheOldest()
    {
        for (int i = 1; i <= 200; i++)
            _outbox.Add(Vote(i));

        Assert.Equal(Enumerable.Range(1, 64).Select(i => (long)i), _outbox.TakeDue().Select(vote => vote.Sequence));
        Assert.Empty(_outbox.TakeDue());
        Assert.True(_outbox.Remove(new VoteNumber("e", 2)));
        Assert.False(_outbox.Remove(new VoteNumber("e", 2)));
        Assert.Equal([65L], _outbox.TakeDue().Select(vote => vote.Sequence));
        Assert.Equal(199, _outbox.Count);
    }

    [Fact]
    public void SendAgain_NewConnection_SendsAllOfTheWindowAtOnce()
    {
        _outbox.Add(Vote(1));
        _outbox.Add(Vote(2));
        _outbox.TakeDue();
        _time.Advance(TimeSpan.FromSeconds(2));
        _outbox.TakeDue();

        _outbox.SendAgain();

        Assert.Equal(TimeSpan.Zero, _outbox.NextDue());
        Assert.Equal(2, _outbox.TakeDue().Count);
        Assert.Equal(TimeSpan.FromSeconds(2), _outbox.NextDue());
    }

    [Fact]
    public void NextDue_NothingWaits_IsNever()
    {
        Assert.Null(_outbox.NextDue());
        _outbox.Add(Vote(1));
        _outbox.Add(Vote(1));
        Assert.Single(_outbox.TakeDue());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, _outbox.NextDue());
        _outbox.Remove(new VoteNumber("e", 1));
        Assert.Null(_outbox.NextDue());
    }

    private static StoredVote Vote(long sequence) => new("e", sequence, Votes.Press());
}
