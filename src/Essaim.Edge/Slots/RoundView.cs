namespace Essaim.Edge;

/// <summary>The round as a slot knows it, from <c>night/current</c>. Not safe on several threads.</summary>
internal sealed class RoundView
{
    /// <summary>The last notice; null before the first.</summary>
    public RoundNotice? Current { get; private set; }

    /// <summary>The round a vote given now belongs to; null where none is open.</summary>
    public string? OpenRound => Current is { State: RoundState.Open } ? Current.Round : null;

    /// <summary>Takes a notice; false for one that is older than what is known of the same round.</summary>
    public bool Apply(RoundNotice notice)
    {
        if (Current is { } known && known.Round == notice.Round && notice.Revision < known.Revision)
            return false;
        Current = notice;
        return true;
    }
}
