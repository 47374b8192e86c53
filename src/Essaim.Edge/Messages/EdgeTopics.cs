using System.Buffers;

namespace Essaim.Edge;

/// <summary>The topics between core and slots; <c>docs/edge.md</c> has the table.</summary>
internal static class EdgeTopics
{
    public const string Root = "edge/v1";
    public const string CoreState = Root + "/core/state";
    public const string CurrentRound = Root + "/night/current";

    /// <summary>All that slots say.</summary>
    public const string EverySlotUp = Root + "/slot/+/up/#";

    private const string Slots = Root + "/slot/";
    private const int LongestId = 32;
    private static readonly SearchValues<char> s_idLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>A name a slot may have: one to 32 of a-z, 0-9 and -.</summary>
    public static bool IsSlotId(ReadOnlySpan<char> id) =>
        id.Length is > 0 and <= LongestId && !id.ContainsAnyExcept(s_idLetters);

    /// <summary>What a slot says: <c>edge/v1/slot/ID/up/WORD</c>.</summary>
    public static string Up(string slot, string word) => $"{Slots}{slot}/up/{word}";

    /// <summary>What a slot is told: <c>edge/v1/slot/ID/down/WORD</c>.</summary>
    public static string Down(string slot, string word) => $"{Slots}{slot}/down/{word}";

    /// <summary>Who said what; false for a topic that is none of a slot's. A slot is who its topic says, never who its payload says.</summary>
    public static bool TryReadUp(string topic, out string slot, out string word)
    {
        (slot, word) = ("", "");
        if (!topic.StartsWith(Slots, StringComparison.Ordinal))
            return false;
        string[] levels = topic[Slots.Length..].Split('/');
        if (levels is not [var id, "up", var said] || !IsSlotId(id))
            return false;
        (slot, word) = (id, said);
        return true;
    }
}
