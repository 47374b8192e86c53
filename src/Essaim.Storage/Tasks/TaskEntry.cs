using Essaim.Protocol;

namespace Essaim.Storage;

/// <summary>What kind of thing happened to a task.</summary>
internal enum TaskEntryKind
{
    State,
    Progress,
    Log,
}

/// <summary>One thing that happened to a task.</summary>
/// <param name="Sequence">1, 2, 3… within the task; gaps are entries no longer kept.</param>
/// <param name="Kind">State change, progress report or log line.</param>
/// <param name="At">When.</param>
/// <param name="Data">A JSON object.</param>
internal sealed record TaskEntry(long Sequence, TaskEntryKind Kind, DateTimeOffset At, RawJson Data);
