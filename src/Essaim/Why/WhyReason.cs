namespace Essaim;

/// <summary>One reason why a task does not run now (or that it does, or has ended).</summary>
/// <param name="Code">
/// A word for scripts: <c>ended</c>, <c>running</c>, <c>held</c>, <c>dead</c>, <c>unknown</c>, <c>revoked</c>, <c>expired</c>, <c>not-due</c>,
/// <c>rate</c>, <c>paused</c>, <c>no-worker</c>, <c>labels</c>, <c>concurrency</c>, <c>order</c>, <c>busy</c>, <c>behind</c>, <c>next</c>.
/// </param>
/// <param name="Text">A sentence for people.</param>
public sealed record WhyReason(string Code, string Text);

/// <summary>Why a task is not running.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Reasons">What holds it, the nearest cause first; at least one.</param>
/// <param name="Queue">Its queue, where the broker holds its message.</param>
/// <param name="NotBefore">When it may run at the earliest, where that is known.</param>
public sealed record TaskExplanation(string TaskId, IReadOnlyList<WhyReason> Reasons, string? Queue, DateTimeOffset? NotBefore)
{
    /// <summary>True where nobody has heard of the task.</summary>
    internal bool IsUnknown => Reasons is [{ Code: "unknown" }];
}
