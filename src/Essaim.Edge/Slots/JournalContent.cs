namespace Essaim.Edge;

/// <summary>What a journal holds: read line by line until the first that is not as it was written.</summary>
internal sealed class JournalContent
{
    private readonly OrderedDictionary<VoteNumber, StoredVote> _open = [];

    /// <summary>The epoch that began last; null where not even the first line is whole.</summary>
    public string? Epoch { get; private set; }

    /// <summary>The highest number given in <see cref="Epoch"/>.</summary>
    public long Last { get; private set; }

    /// <summary>Bytes that are as they were written; what follows is cut off.</summary>
    public int GoodLength { get; private set; }

    /// <summary>True where a line follows that is whole and yet not as it was written: that is no power cut at the end of the file, but damage.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Votes nobody has answered, oldest first.</summary>
    public IReadOnlyList<StoredVote> Open => [.. _open.Values];

    public static JournalContent Read(ReadOnlySpan<byte> bytes)
    {
        JournalContent content = new();
        while (true)
        {
            ReadOnlySpan<byte> rest = bytes[content.GoodLength..];
            int end = rest.IndexOf((byte)'\n');
            if (end < 0 || !JournalLine.TryRead(rest[..end], out JournalLine? line) || !content.TryApply(line))
            {
                content.IsDamaged = end >= 0;
                return content;
            }

            content.GoodLength += end + 1;
        }
    }

    private bool TryApply(JournalLine line)
    {
        if (line.Epoch is { } epoch)
        {
            (Epoch, Last) = (epoch, line.Last ?? 0);
            return true;
        }

        if (Epoch is null)
            return false;
        if (line.Vote is { } vote)
        {
            if (vote.Epoch == Epoch)
                Last = Math.Max(Last, vote.Sequence);
            if (vote.Instead is { } instead)
                _open.Remove(instead);
            _open[vote.Number] = vote;
        }

        foreach (long sequence in line.Sequences ?? [])
            _open.Remove(new VoteNumber(line.Acknowledged ?? "", sequence));
        return true;
    }
}
