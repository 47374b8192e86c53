namespace Essaim.Edge;

/// <summary>
/// The votes of a slot on its disk. A vote is accepted once its line is on the disk, and only then; it stays until the core has answered.
/// Safe on all threads.
/// </summary>
internal sealed class SlotJournal : IDisposable
{
    /// <summary>Unanswered votes; another one is refused, and the slot shows it.</summary>
    public const int MostOpen = 10_000;

    private const int CompactAbove = 1024 * 1024;
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly Func<string> _newEpoch;
    private readonly OrderedDictionary<VoteNumber, StoredVote> _open = [];
    private IJournalFile _file;
    private readonly IJournalDisk _disk;
    private long _length;
    private long _lengthWhenCompacted;

    private SlotJournal(string path, IJournalDisk disk, Func<string> newEpoch)
    {
        (_path, _disk, _newEpoch, Epoch) = (path, disk, newEpoch, "");
        _file = null!;
    }

    /// <summary>The epoch new votes are numbered in.</summary>
    public string Epoch { get; private set; }

    /// <summary>The number given last in it.</summary>
    public long Last { get; private set; }

    /// <summary>Where a damaged journal was kept for a person to look at; null where there was none.</summary>
    public string? DamagedCopy { get; private set; }

    /// <summary>Votes the core has not answered, oldest first.</summary>
    public IReadOnlyList<StoredVote> Open
    {
        get
        {
            lock (_gate)
                return [.. _open.Values];
        }
    }

    /// <summary>Opens the journal, or makes it. What a power cut left half written at its end is cut off.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="disk">The disk.</param>
    /// <param name="newEpoch">A name no epoch of this slot ever had: 12 random hex digits.</param>
    /// <exception cref="EdgeException"><c>ESS6120</c>: the file cannot be read or written.</exception>
    public static SlotJournal OpenOrCreate(string path, IJournalDisk disk, Func<string> newEpoch)
    {
        SlotJournal journal = new(path, disk, newEpoch);
        try
        {
            journal.Load();
            return journal;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            journal.Dispose();
            throw EdgeException.Journal(path, error);
        }
    }

    /// <summary>Accepts a vote: when this returns one, it is on the disk. Null where <see cref="MostOpen"/> wait.</summary>
    /// <exception cref="EdgeException"><c>ESS6120</c>: it could not be written, so it is not accepted.</exception>
    public StoredVote? Accept(Press press)
    {
        lock (_gate)
        {
            if (_open.Count >= MostOpen)
                return null;
            StoredVote vote = new(Epoch, ++Last, press);
            Append(new JournalLine { Vote = vote }, isSynced: true);
            _open.Add(vote.Number, vote);
            return vote;
        }
    }

    /// <summary>The core has answered these votes. Not synced: what a power cut takes of it is asked and answered once more.</summary>
    /// <returns>How many of them were open.</returns>
    /// <exception cref="EdgeException"><c>ESS6120</c>.</exception>
    public int Acknowledge(string epoch, IReadOnlyList<long> sequences)
    {
        lock (_gate)
        {
            List<long> known = [.. sequences.Where(sequence => _open.ContainsKey(new VoteNumber(epoch, sequence)))];
            if (known.Count == 0)
                return 0;
            Append(new JournalLine { Acknowledged = epoch, Sequences = known }, isSynced: false);
            foreach (long sequence in known)
                _open.Remove(new VoteNumber(epoch, sequence));
            if (_length > CompactAbove && _length > 2 * _lengthWhenCompacted)
                Rewrite();
            return known.Count;
        }
    }

    /// <summary>
    /// The core holds another vote under the number of this one, so this was never counted: it gets a new number in a new epoch. One line says
    /// both, so that no power cut leaves two votes or none.
    /// </summary>
    /// <returns>The vote under its new number; null where it is not open.</returns>
    /// <exception cref="EdgeException"><c>ESS6120</c>.</exception>
    public StoredVote? Renumber(VoteNumber number)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(number, out StoredVote? old))
                return null;
            if (number.Epoch == Epoch)
                StartEpoch();
            StoredVote vote = old with { Epoch = Epoch, Sequence = ++Last, Instead = number };
            Append(new JournalLine { Vote = vote }, isSynced: true);
            _open.Remove(number);
            _open.Add(vote.Number, vote);
            return vote;
        }
    }

    /// <summary>The core knows higher numbers of the epoch than this journal: it is an old copy. New votes are numbered in a new epoch.</summary>
    /// <param name="epoch">The epoch the core speaks of.</param>
    /// <param name="highest">The highest number it knows.</param>
    /// <returns>True where a new epoch began.</returns>
    /// <exception cref="EdgeException"><c>ESS6120</c>.</exception>
    public bool GuardAgainstRollback(string epoch, long highest)
    {
        lock (_gate)
        {
            if (epoch != Epoch || highest <= Last)
                return false;
            StartEpoch();
            return true;
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Load()
    {
        byte[] bytes = _disk.Read(_path) ?? [];
        JournalContent content = JournalContent.Read(bytes);
        foreach (StoredVote vote in content.Open)
            _open.Add(vote.Number, vote);
        if (content.Epoch is null || content.IsDamaged)
        {
            // Numbers may have been given behind the damage: none of them may be given again.
            if (content.IsDamaged)
                DamagedCopy = _disk.KeepCopy(_path, bytes);
            (Epoch, Last) = (_newEpoch(), 0);
            Rewrite();
            return;
        }

        (Epoch, Last) = (content.Epoch, content.Last);
        _file = _disk.OpenForAppend(_path);
        if (content.GoodLength < bytes.Length)
            _file.Cut(content.GoodLength);
        _length = content.GoodLength;
        _lengthWhenCompacted = 0;
    }

    private void StartEpoch()
    {
        string epoch = _newEpoch();
        Append(new JournalLine { Epoch = epoch, Last = 0 }, isSynced: true);
        (Epoch, Last) = (epoch, 0);
    }

    private void Append(JournalLine line, bool isSynced)
    {
        byte[] bytes = line.ToBytes();
        try
        {
            _file.Append(bytes, isSynced);
            _length += bytes.Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Half a line would make all that follows it unreadable.
            try
            {
                _file.Cut(_length);
            }
            catch (IOException)
            {
                // The disk is gone; the next attempt says so, too.
            }

            throw EdgeException.Journal(_path, error);
        }
    }

    private void Rewrite()
    {
        using MemoryStream fresh = new();
        fresh.Write(new JournalLine { Epoch = Epoch, Last = Last }.ToBytes());
        foreach (StoredVote vote in _open.Values)
            fresh.Write(new JournalLine { Vote = vote }.ToBytes());
        try
        {
            _disk.Replace(_path, fresh.ToArray());
            _file?.Dispose();
            _file = _disk.OpenForAppend(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw EdgeException.Journal(_path, error);
        }

        _length = _lengthWhenCompacted = fresh.Length;
    }
}
