namespace Essaim.Edge;

/// <summary>A round: one question to the night, closed by itself when its votes are in. A value; each step makes a new one.</summary>
/// <param name="Id">Its name; numbers that grow.</param>
/// <param name="Revision">Grows with each step.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Expected">Votes it waits for; fixed when it opens.</param>
/// <param name="Votes">Votes that count.</param>
/// <param name="Reason">Why it is void.</param>
internal sealed record Round(string Id, int Revision, RoundState State, int Expected, int Votes, string? Reason = null)
{
    /// <summary>What <c>night/current</c> says of it.</summary>
    public RoundNotice Notice => new() { Round = Id, Revision = Revision, State = State, Expected = Expected, Votes = Votes };

    /// <summary>Opens one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one vote expected.</exception>
    public static Round Open(string id, int expected)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(expected, 1);
        return new Round(id, 1, RoundState.Open, expected, 0);
    }

    /// <summary>Closes it before all votes are in; null where it is not open.</summary>
    public Round? Close() => State == RoundState.Open ? Next(RoundState.Closed) : null;

    /// <summary>Declares it void; null where it is already.</summary>
    public Round? Annul(string reason) => State is RoundState.Open or RoundState.Closed ? Next(RoundState.Void) with { Reason = reason } : null;

    /// <summary>One more vote: it counts where the round is open, and the last expected one closes it; null where it is late.</summary>
    public Round? Count() => State != RoundState.Open || Votes >= Expected
        ? null
        : Next(Votes + 1 == Expected ? RoundState.Closed : RoundState.Open) with { Votes = Votes + 1 };

    private Round Next(RoundState state) => this with { State = state, Revision = Revision + 1 };
}
