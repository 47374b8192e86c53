namespace Essaim;

/// <summary>How long a unique key is held. At the longest for <see cref="TaskOptions.UniqueFor"/> in any case.</summary>
public enum UniqueUntil
{
    /// <summary>Until the task has ended, its retries included.</summary>
    Done,

    /// <summary>Until a worker begins it: one more may wait while one runs.</summary>
    Started,

    /// <summary>For the whole of <see cref="TaskOptions.UniqueFor"/>, even when the task has ended before: at most one in that time.</summary>
    Elapsed,
}
