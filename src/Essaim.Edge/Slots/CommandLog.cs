namespace Essaim.Edge;

/// <summary>What to do with a command that came.</summary>
internal enum CommandFate
{
    /// <summary>Do it; its id is remembered before that.</summary>
    Run,

    /// <summary>It was done, or begun, before: it is not done again.</summary>
    Repeated,

    /// <summary>It came too late.</summary>
    Expired,
}

/// <summary>Does each command once: ids are kept on the disk before the command runs, the last 256 of them. Not safe on several threads.</summary>
/// <param name="time">The slot's clock.</param>
/// <param name="known">Ids kept on the disk, oldest first.</param>
/// <param name="keep">Keeps them there; called before a command may run.</param>
internal sealed class CommandLog(TimeProvider time, IEnumerable<string> known, Action<IReadOnlyList<string>> keep)
{
    public const int Kept = 256;

    private readonly List<string> _ids = [.. known.TakeLast(Kept)];

    /// <summary>Judges a command, and remembers one that is to run.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isSynchronised">The slot's clock is right. With one that may be wrong its end is not judged; the broker's expiry still is.</param>
    public CommandFate Judge(SlotCommand command, bool isSynchronised)
    {
        if (_ids.Contains(command.Id))
            return CommandFate.Repeated;
        if (isSynchronised && time.GetUtcNow() > command.Until)
            return CommandFate.Expired;
        _ids.Add(command.Id);
        if (_ids.Count > Kept)
            _ids.RemoveRange(0, _ids.Count - Kept);
        keep(_ids);
        return CommandFate.Run;
    }
}
