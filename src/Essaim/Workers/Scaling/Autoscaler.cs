using System.Globalization;

namespace Essaim;

/// <summary>
/// The rule by which slots come and go, as <c>docs/worker.md</c> has it in five lines. Pure but for its memory of what it decided. Not safe
/// for several threads.
/// </summary>
internal sealed class Autoscaler(TimeSpan downAfter)
{
    // After a slot has gone, work must have waited so long for another: less is a blip.
    public static readonly TimeSpan Blip = TimeSpan.FromMilliseconds(90);
    private const int AtLeastAtOnce = 4;
    private TimeSpan? _idleSince;
    private TimeSpan _lastWanted = TimeSpan.MinValue;
    private TimeSpan? _wentDownAt;
    private Brakes _told;

    [Flags]
    private enum Brakes
    {
        None = 0,
        Memory = 1,
        Pressure = 2,
        Processors = 4,
        NotKnownYet = 8,
    }

    /// <summary>What was seen last may be a blip: look again when <see cref="Blip"/> is over.</summary>
    public bool IsHesitant { get; private set; }

    /// <summary>Decides; null where nothing changes, and nothing is new about why.</summary>
    public ScaleDecision? Decide(ScaleInputs now)
    {
        IsHesitant = false;
        (int wanted, string reason) = Want(now);
        if (wanted <= now.Slots)
            return DecideDown(now);
        _idleSince = null;
        if (_lastWanted == TimeSpan.MinValue || now.Now - _lastWanted > downAfter)
            _told = Brakes.None;
        _lastWanted = now.Now;
        (int allowed, Brakes brake, string why) = Allow(now, wanted);
        if (allowed <= now.Slots)
            return Refuse(now, wanted, brake, $"{reason}, but {why}");
        bool calm = now.Slots >= Math.Max(1, now.Min) && _wentDownAt is { } down && now.Now - down < downAfter;
        IsHesitant = calm && now.Backlog.All(queue => queue.Oldest < Blip);
        if (IsHesitant)
            return null;
        if (brake == Brakes.None)
            return new ScaleDecision(now.Slots, allowed, reason);
        _told |= brake;
        return new ScaleDecision(now.Slots, allowed, $"{reason}; no more, because {why}");
    }

    private static (int Slots, string Reason) Want(ScaleInputs now)
    {
        long waiting = now.Backlog.Sum(queue => queue.Ready);
        long left = waiting - (now.Slots - now.Busy);
        double wanted = now.Slots;
        if (left > 0)
        {
            bool late = now.Backlog.Any(queue => queue.Ready > 0 && queue.Oldest > queue.Wish);
            wanted = late || now.Runtime is not { } runtime
                ? now.Slots + left
                : Math.Max(1, Math.Ceiling(now.Backlog.Sum(queue => queue.Ready * (runtime / queue.Wish))));
        }

        int slots = (int)Math.Min(now.Max, Math.Max(now.Min, wanted));
        return (slots, left > 0 ? Waiting(now, waiting) : $"{now.Slots} of at least {now.Min} slots");
    }

    private static string Waiting(ScaleInputs now, long waiting)
    {
        TimeSpan oldest = now.Backlog.Max(queue => queue.Oldest);
        return string.Create(CultureInfo.InvariantCulture, $"{waiting} waiting, oldest {oldest.TotalSeconds:0.0} s");
    }

    private static (int Slots, Brakes Brake, string Why) Allow(ScaleInputs now, int wanted)
    {
        // The first one is always allowed: without it nothing would ever be done.
        int first = Math.Max(1, now.Slots);
        MachineLoad machine = now.Machine;
        if (wanted > first && machine.MemoryPressure > 10)
            return (first, Brakes.Pressure, Invariant($"programs wait for memory {machine.MemoryPressure:0} % of the time"));
        (int Slots, Brakes Brake, string Why) allowed = (wanted, Brakes.None, "");
        int processors = Math.Max(Math.Max(machine.Processors, now.Min), now.Slots);
        int atOnce = Math.Max(Math.Max(AtLeastAtOnce, 2 * machine.Processors), processors);
        if (wanted > processors && Saturation(now) is { } saturated)
            allowed = (processors, Brakes.Processors, saturated);
        else if (wanted > atOnce && machine.Demand is null)
            allowed = (atOnce, Brakes.NotKnownYet, "it is not known yet whether these tasks need a processor each");
        MemoryState memory = now.Memory;
        int room = Math.Max(first, memory.Room);
        if (room >= allowed.Slots)
            return allowed;
        string largest = $"the largest child has {EndCause.Megabytes(memory.Child)}, and so may each";
        return (room, Brakes.Memory, $"{largest}: with the worker's {EndCause.Megabytes(memory.Worker)} no more than {memory.Room} fit into {EndCause.Megabytes(memory.Budget)}");
    }

    /// <summary>Why more than a slot a processor would not shorten the wait; null where it would, or where that is not known yet.</summary>
    private static string? Saturation(ScaleInputs now)
    {
        MachineLoad machine = now.Machine;
        if (machine.Demand is not { } demand)
            return null;
        double all = demand * (now.Busy + now.Starting);
        if (demand >= 0.5 && (all >= machine.Processors || (machine.Load > machine.Processors && !(machine.CpuPressure < 20))))
            return Invariant($"the tasks want {all:0.0} of {machine.Processors} processors, and the load is {machine.Load:0.0}");
        return machine.IoPressure > 50 ? Invariant($"programs wait for disks {machine.IoPressure:0} % of the time") : null;
    }

    private ScaleDecision? Refuse(ScaleInputs now, int wanted, Brakes brake, string reason)
    {
        // Once a spell, each.
        if (_told.HasFlag(brake) || brake == Brakes.NotKnownYet)
            return null;
        _told |= brake;
        return new ScaleDecision(now.Slots, wanted, reason, IsRefused: true);
    }

    private ScaleDecision? DecideDown(ScaleInputs now)
    {
        int idle = now.Slots - now.Busy - now.Starting;
        if (idle <= 0 || now.Slots <= now.Min || now.Backlog.Any(queue => queue.Ready > 0))
        {
            _idleSince = null;
            return null;
        }

        _idleSince ??= now.Now;
        if (now.Now - _idleSince < downAfter)
            return null;
        _idleSince = now.Now;
        _wentDownAt = now.Now;
        return new ScaleDecision(now.Slots, now.Slots - 1, Invariant($"{idle} of {now.Slots} slots idle for {downAfter.TotalSeconds:0.#} s"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
