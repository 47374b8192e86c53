using System.Globalization;

namespace Essaim.Edge.Tests;

internal static class Votes
{
    public static Press Press(string choice = "red", string? round = "1", long mono = 1) =>
        new(choice, "2026-01-01T00:00:00Z", mono, "0badf00d", true, "BTN_RED", round);

    /// <summary>Epochs in their order: 000000000001, 000000000002…</summary>
    public static Func<string> Epochs()
    {
        int last = 0;
        return () => (++last).ToString("x12", CultureInfo.InvariantCulture);
    }

    public static SlotEvent Event(StoredVote vote) => new()
    {
        Epoch = vote.Epoch,
        Sequence = vote.Sequence,
        Kind = SlotEvent.Vote,
        Round = vote.Press.Round,
        Input = vote.Press.Input,
        Choice = vote.Press.Choice,
        At = vote.Press.At,
        Monotonic = vote.Press.Monotonic,
        IsSynchronised = vote.Press.IsSynchronised,
    };
}
