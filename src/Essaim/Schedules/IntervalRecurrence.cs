namespace Essaim;

/// <summary>Every so often, in real time, counted from a phase.</summary>
internal sealed class IntervalRecurrence : Recurrence
{
    public IntervalRecurrence(TimeSpan interval)
    {
        if (interval < TimeSpan.FromSeconds(1))
            throw new ScheduleException("ESS4102", $"An interval of {interval.TotalSeconds:0.###} s is too short for a schedule; give at least 1 s.");
        Interval = interval;
    }

    public TimeSpan Interval { get; }

    public override string ToString() => $"every {Interval:c}";

    internal override DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset phase) => At(phase, Steps(after, phase) + 1);

    internal override DateTimeOffset? Previous(DateTimeOffset at, DateTimeOffset phase) => At(phase, Steps(at, phase));

    private DateTimeOffset At(DateTimeOffset phase, long steps) => phase + TimeSpan.FromTicks(Interval.Ticks * steps);

    private long Steps(DateTimeOffset at, DateTimeOffset phase)
    {
        (long steps, long rest) = Math.DivRem((at - phase).Ticks, Interval.Ticks);
        return rest < 0 ? steps - 1 : steps;
    }
}
