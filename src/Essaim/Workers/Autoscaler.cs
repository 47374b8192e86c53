namespace Essaim;

/// <summary>What to do about the number of slots, and why.</summary>
/// <param name="Change">Slots to add, or -1.</param>
/// <param name="Reason">A sentence.</param>
internal readonly record struct ScaleDecision(int Change, string Reason);

/// <summary>
/// The rule by which slots come and go: up at once, by as many as work waits for; down one at a time, each after an idle spell.
/// Pure but for its memory of when a slot was last needed. Not safe for several threads.
/// </summary>
internal sealed class Autoscaler(int min, int max, TimeSpan downAfter)
{
    private DateTimeOffset? _idleSince;

    /// <summary>Decides.</summary>
    /// <param name="now">Now.</param>
    /// <param name="slots">Slots there are, those being started included.</param>
    /// <param name="busy">Slots that run a task.</param>
    /// <param name="waiting">Tasks that wait for a slot, in this worker and in its queues.</param>
    public ScaleDecision? Decide(DateTimeOffset now, int slots, int busy, long waiting)
    {
        int idle = slots - busy;
        if (slots < min)
            return new ScaleDecision(min - slots, $"{slots} of at least {min} slots");
        if (waiting > idle && slots < max)
        {
            _idleSince = null;
            int more = (int)Math.Min(max - slots, waiting - idle);
            return new ScaleDecision(more, $"{waiting} waiting for {idle} idle of {slots} slots");
        }

        if (idle == 0 || waiting > 0 || slots <= min)
        {
            _idleSince = null;
            return null;
        }

        _idleSince ??= now;
        if (now - _idleSince < downAfter)
            return null;
        _idleSince = now;
        return new ScaleDecision(-1, $"{idle} of {slots} slots idle for {downAfter.TotalSeconds:0.#} s");
    }
}
