using Microsoft.Extensions.Logging;

namespace Essaim.Edge;

/// <summary>What the slot writes into its log.</summary>
internal sealed partial class SlotAgent
{
    [LoggerMessage(6010, LogLevel.Error, "The journal was damaged; what it was is kept as {Copy}, and a new epoch begins.")]
    private partial void LogDamaged(string copy);

    [LoggerMessage(6011, LogLevel.Warning, "A message on {Topic} is none of this version; {Count} such so far.")]
    private partial void LogGarbage(string topic, int count);

    [LoggerMessage(6012, LogLevel.Error, "The core holds another vote as {Epoch}/{Sequence}; this slot's is now {NewEpoch}/{NewSequence}.")]
    private partial void LogConflict(string epoch, long sequence, string newEpoch, long newSequence);

    [LoggerMessage(6013, LogLevel.Error, "The core knows number {Highest} of the epoch {Epoch}, which this journal does not: it is an old copy, and a new epoch begins.")]
    private partial void LogRolledBack(string epoch, long highest);

    [LoggerMessage(6014, LogLevel.Information, "The core's command {Name}: {Status}.")]
    private partial void LogCommand(string name, string status);

    [LoggerMessage(6015, LogLevel.Error, "The machine cannot be started anew: {Why}")]
    private partial void LogNoReboot(string why);

    [LoggerMessage(6016, LogLevel.Error, "The broker refused a message on {Topic}: {Reason}. Its access list must let this slot publish there.")]
    private partial void LogRefused(string topic, string reason);

    [LoggerMessage(6017, LogLevel.Error, "A vote was refused: {Why}")]
    private partial void LogRefusedPress(string why);
}
