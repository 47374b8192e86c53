using System.Globalization;
using Essaim.Testing;

namespace Essaim.Edge.Tests;

/// <summary>
/// Slots and a core without a network between them but one that loses, doubles, delays and reorders, and with power cuts. Each press has a
/// nonce that nothing of the product uses as a name; what was accepted and what was counted is told by it alone.
/// </summary>
internal sealed class SimulatedNight
{
    private const int Expected = 9;
    private readonly Random _random;
    private readonly FakeTimeProvider _time = new();
    private readonly VoteLedger _ledger = new();
    private readonly List<SimulatedSlot> _slots;
    private readonly List<Action> _network = [];
    private readonly Dictionary<(string, VoteNumber), string> _taken = [];
    private int _rounds;
    private int _nonces;

    public SimulatedNight(int seed, int slots)
    {
        _random = new Random(seed);
        Func<string> epochs = Votes.Epochs();
        _slots = [.. Enumerable.Range(0, slots).Select(i => new SimulatedSlot($"slot-{i}", _time, epochs))];
    }

    /// <summary>Nonces of votes whose light was lit, and that no one took away with the disk.</summary>
    public HashSet<string> Accepted { get; } = [];

    /// <summary>Nonces as the core took them, once or more.</summary>
    public IEnumerable<string> Taken => _taken.Values;

    public VoteLedger Ledger => _ledger;

    public int Crashes { get; private set; }

    public int Rollbacks { get; private set; }

    public void Run(int steps, bool withRollbacks)
    {
        for (int i = 0; i < steps; i++)
        {
            SimulatedSlot slot = _slots[_random.Next(_slots.Count)];
            switch (_random.Next(100))
            {
                case < 20:
                    Press(slot);
                    break;
                case < 45:
                    foreach (StoredVote vote in slot.Outbox.TakeDue())
                        Send(slot, vote);
                    break;
                case < 80:
                    Deliver();
                    break;
                case < 88:
                    _time.Advance(TimeSpan.FromSeconds(_random.Next(1, 5)));
                    break;
                case < 94:
                    Reopen();
                    break;
                case < 97:
                    slot.Outbox.SendAgain();
                    break;
                case 99 when withRollbacks:
                    RollBack(slot);
                    break;
                default:
                    Crashes++;
                    slot.CutPower(_random);
                    break;
            }
        }
    }

    /// <summary>All is well again: everything arrives.</summary>
    public void Settle()
    {
        for (int i = 0; i < 1000 && _slots.Any(slot => slot.Outbox.Count > 0); i++)
        {
            foreach (SimulatedSlot slot in _slots)
            {
                foreach (StoredVote vote in slot.Outbox.TakeDue())
                    Receive(slot, Votes.Event(vote));
            }

            _time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    public int Unanswered => _slots.Sum(slot => slot.Outbox.Count);

    private void Press(SimulatedSlot slot)
    {
        string nonce = (++_nonces).ToString(CultureInfo.InvariantCulture);
        if (slot.Accept(nonce))
            Accepted.Add(nonce);
    }

    private void Send(SimulatedSlot slot, StoredVote vote)
    {
        SlotEvent sent = Votes.Event(vote) with { Age = _random.Next(1000) };
        for (int copies = _random.Next(10) switch { < 3 => 0, < 8 => 1, _ => 2 }; copies > 0; copies--)
            _network.Add(() => Receive(slot, sent));
    }

    private void Deliver()
    {
        if (_network.Count == 0)
            return;
        int at = _random.Next(_network.Count);
        Action message = _network[at];
        _network.RemoveAt(at);
        message();
    }

    private void Receive(SimulatedSlot slot, SlotEvent vote)
    {
        VoteVerdict verdict = _ledger.Take(slot.Id, vote);
        if (verdict != VoteVerdict.Conflict)
            _taken.TryAdd((slot.Id, new VoteNumber(vote.Epoch, vote.Sequence)), vote.Choice);
        Assert.True(verdict == VoteVerdict.Conflict || _taken[(slot.Id, new VoteNumber(vote.Epoch, vote.Sequence))] == vote.Choice);
        VoteAck ack = new() { Epoch = vote.Epoch, Sequences = [vote.Sequence], Verdicts = [verdict], Highest = _ledger.Highest(slot.Id, vote.Epoch) };
        if (_random.Next(4) != 0)
            slot.Receive(ack);
        foreach (SimulatedSlot other in _slots.Where(_ => _ledger.Current is not null && _random.Next(2) == 0))
            other.Rounds.Apply(_ledger.Current!.Notice);
    }

    private void Reopen()
    {
        if (_ledger.Current is not { State: RoundState.Open })
            _ledger.Open((++_rounds).ToString(CultureInfo.InvariantCulture), Expected);
        foreach (SimulatedSlot slot in _slots.Where(_ => _random.Next(3) != 0))
            slot.Rounds.Apply(_ledger.Current!.Notice);
    }

    private void RollBack(SimulatedSlot slot)
    {
        // A disk is not changed so fast that messages of before are still under way.
        _network.Clear();
        HashSet<string> gone = slot.RollBack();
        Accepted.ExceptWith(gone.Except(_taken.Values));
        Rollbacks++;
    }
}

/// <summary>Journal, outbox and view of the round, as a slot puts them together.</summary>
internal sealed class SimulatedSlot
{
    private const string Path = "journal";
    private readonly MemoryDisk _disk = new();
    private readonly TimeProvider _time;
    private readonly Func<string> _epochs;
    private byte[]? _image;
    private bool _isRestored;
    private SlotJournal _journal;

    public SimulatedSlot(string id, TimeProvider time, Func<string> epochs)
    {
        (Id, _time, _epochs) = (id, time, epochs);
        _journal = SlotJournal.OpenOrCreate(Path, _disk, epochs);
        Outbox = new Outbox(time);
    }

    public string Id { get; }

    public Outbox Outbox { get; private set; }

    public RoundView Rounds { get; private set; } = new();

    public bool Accept(string nonce)
    {
        if (_journal.Accept(Votes.Press(nonce, Rounds.OpenRound)) is not { } vote)
            return false;
        Outbox.Add(vote);
        // The copy a person keeps is of before the first time it was needed, and it is the same each time.
        if (!_isRestored && vote.Sequence % 7 == 0)
            _image = _disk.Bytes(Path);
        return true;
    }

    public void Receive(VoteAck ack)
    {
        foreach ((long sequence, VoteVerdict verdict) in ack.Sequences.Zip(ack.Verdicts))
        {
            VoteNumber number = new(ack.Epoch, sequence);
            if (verdict == VoteVerdict.Conflict)
            {
                if (_journal.Renumber(number) is not { } moved)
                    continue;
                Outbox.Remove(number);
                Outbox.Add(moved);
                continue;
            }

            _journal.Acknowledge(ack.Epoch, [sequence]);
            Outbox.Remove(number);
        }

        _journal.GuardAgainstRollback(ack.Epoch, ack.Highest);
    }

    public void CutPower(Random random)
    {
        _journal.Dispose();
        _disk.CutPower(random);
        Start();
    }

    /// <summary>The disk is put back from an old copy; nonces that are on the present one and not on that.</summary>
    public HashSet<string> RollBack()
    {
        if (_image is null)
            return [];
        _isRestored = true;
        HashSet<string> before = [.. _journal.Open.Select(vote => vote.Press.Choice)];
        _journal.Dispose();
        _disk.Set(Path, _image);
        Start();
        before.ExceptWith(_journal.Open.Select(vote => vote.Press.Choice));
        return before;
    }

    private void Start()
    {
        _journal = SlotJournal.OpenOrCreate(Path, _disk, _epochs);
        Outbox = new Outbox(_time);
        Rounds = new RoundView();
        foreach (StoredVote vote in _journal.Open)
            Outbox.Add(vote);
    }
}
