using Essaim.Protocol;

namespace Essaim;

/// <summary>How long a task's unique key is held, as its message says it.</summary>
internal static class UniqueHeader
{
    private const string Started = "started";
    private const string Elapsed = "elapsed";

    public static RawJson Write(UniqueUntil until) => RawJson.From(until == UniqueUntil.Started ? Started : Elapsed);

    /// <summary>The key to free when the task ends; null where there is none or it is held on.</summary>
    public static string? KeyFreedAtTheEnd(TaskMessage message) =>
        MessageHeaders.Text(message, EssaimHeaders.UniqueUntil) == Elapsed ? null : MessageHeaders.Text(message, EssaimHeaders.Unique);

    /// <summary>The key to free when the task begins, if it is held only until then.</summary>
    public static UniqueHold? HoldWhileQueued(ReservedTask task) =>
        task.Message.Headers.ContainsKey(EssaimHeaders.UniqueUntil)
        && MessageHeaders.Text(task.Message, EssaimHeaders.UniqueUntil) == Started
        && MessageHeaders.Text(task.Message, EssaimHeaders.Unique) is { } key
            ? new UniqueHold(key, task.Message.Id)
            : null;
}
