namespace Essaim.Edge;

/// <summary>What a slot knows, at one moment; ages are milliseconds.</summary>
internal sealed record SlotStatus
{
    public required string Slot { get; init; }

    /// <summary>The name people gave it; null: its id.</summary>
    public string? Label { get; init; }

    /// <summary><c>en</c> or <c>fr</c>; null: the viewer's.</summary>
    public string? Language { get; init; }

    public required IReadOnlyList<string> Choices { get; init; }

    /// <summary>Broker and core can be reached.</summary>
    public bool IsLinked { get; init; }

    /// <summary>How long it has been so, or not.</summary>
    public long LinkAge { get; init; }

    /// <summary>What keeps the link down.</summary>
    public string? LinkError { get; init; }

    public RoundNotice? Round { get; init; }

    /// <summary>How long ago the core said that; null: never in this run.</summary>
    public long? RoundAge { get; init; }

    /// <summary>Votes that are safe here, and not answered.</summary>
    public int Waiting { get; init; }

    /// <summary>What keeps the next vote from being accepted.</summary>
    public string? Fault { get; init; }

    /// <summary>The last votes, newest first.</summary>
    public IReadOnlyList<RecentVote> Recent { get; init; } = [];
}

/// <summary>A vote as people at the slot see it.</summary>
/// <param name="Choice">What was chosen.</param>
/// <param name="Age">How long ago; null: before the machine was booted.</param>
/// <param name="Verdict">What the core made of it; null: not sent yet, or not answered.</param>
internal sealed record RecentVote(string Choice, long? Age, VoteVerdict? Verdict);

/// <summary>What became of a press.</summary>
internal enum PressOutcome
{
    /// <summary>It is on the disk.</summary>
    Accepted,

    /// <summary>There is no such choice.</summary>
    Unknown,

    /// <summary>Too many votes wait.</summary>
    Full,

    /// <summary>The disk does not take it.</summary>
    Failed,
}
