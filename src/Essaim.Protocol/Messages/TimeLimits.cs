namespace Essaim.Protocol;

/// <summary>Time limits of one task. On the wire <c>[hard, soft]</c> in seconds, hard first; null means none.</summary>
/// <param name="Hard">The executor is killed after this time.</param>
/// <param name="Soft">The handler is asked to stop after this time.</param>
public readonly record struct TimeLimits(TimeSpan? Hard, TimeSpan? Soft)
{
    /// <summary>No limits.</summary>
    public static TimeLimits None => default;
}
