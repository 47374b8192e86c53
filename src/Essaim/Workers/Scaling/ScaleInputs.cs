namespace Essaim;

/// <summary>What waits in one queue.</summary>
/// <param name="Ready">Messages.</param>
/// <param name="Oldest">How long the oldest has waited.</param>
/// <param name="Wish">How long one should wait at most.</param>
internal readonly record struct QueueBacklog(long Ready, TimeSpan Oldest, TimeSpan Wish);

/// <summary>How hard the machine works. What it does not tell is null.</summary>
internal readonly record struct MachineLoad
{
    /// <summary>Processors.</summary>
    public required int Processors { get; init; }

    /// <summary>Programs that run or want to, on average over the last minute.</summary>
    public double Load { get; init; }

    /// <summary>Share of the last 10 s in which something waited for a processor, percent.</summary>
    public double? CpuPressure { get; init; }

    /// <summary>The same for memory.</summary>
    public double? MemoryPressure { get; init; }

    /// <summary>The same for disks.</summary>
    public double? IoPressure { get; init; }

    /// <summary>Processors that a slot at work wants, on average over the last moment: 1 where tasks reckon, near 0 where they wait for something.</summary>
    public double? Demand { get; init; }
}

/// <summary>The memory a worker has and may have, bytes.</summary>
/// <param name="Budget">What the worker and its children may have together.</param>
/// <param name="Worker">What the worker itself has.</param>
/// <param name="Child">What the largest child has: what made that one grow will make the others grow, too. 0: slots cost none.</param>
internal readonly record struct MemoryState(long Budget, long Worker, long Child)
{
    /// <summary>Children there may be.</summary>
    public int Room => Child <= 0 ? int.MaxValue : (int)Math.Clamp((Budget - Worker) / Child, 0, int.MaxValue);
}

/// <summary>All that the number of slots depends on.</summary>
internal sealed record ScaleInputs
{
    /// <summary>On a clock that only goes forward.</summary>
    public required TimeSpan Now { get; init; }

    /// <summary>Fewest slots.</summary>
    public required int Min { get; init; }

    /// <summary>Most slots.</summary>
    public required int Max { get; init; }

    /// <summary>Slots there are, those being started included.</summary>
    public required int Slots { get; init; }

    /// <summary>Of these, slots being started.</summary>
    public int Starting { get; init; }

    /// <summary>Of these, slots that run a task.</summary>
    public int Busy { get; init; }

    /// <summary>What waits for a slot, in this worker and in its queues.</summary>
    public IReadOnlyList<QueueBacklog> Backlog { get; init; } = [];

    /// <summary>How long a task takes; null where that is not known, or where one that runs takes much longer than those before.</summary>
    public TimeSpan? Runtime { get; init; }

    /// <summary>The machine.</summary>
    public MachineLoad Machine { get; init; }

    /// <summary>Memory.</summary>
    public MemoryState Memory { get; init; }
}

/// <summary>What to do about the number of slots, and why.</summary>
/// <param name="From">Slots there are.</param>
/// <param name="To">Slots there are to be; where it is refused, those that were wanted.</param>
/// <param name="Reason">The end of a sentence.</param>
/// <param name="IsRefused">Nothing is to be done: what is wanted is not allowed.</param>
internal sealed record ScaleDecision(int From, int To, string Reason, bool IsRefused = false);
