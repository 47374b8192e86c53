namespace Essaim.Tests.Workers;

/// <summary>Tasks, slots, memory and processors of one worker as a model, moved in steps of 10 ms by a clock of its own, under the real policy.</summary>
internal sealed class ScaleSimulation
{
    private const double Step = 0.01;
    private const double LookEvery = 0.2;
    private const double StartTakes = 0.3;
    private readonly Queue<(double At, double Runtime)> _waiting = new();
    private readonly List<ModelSlot> _slots = [];
    private readonly Autoscaler _autoscaler = new(TimeSpan.FromSeconds(30));
    private double _now;
    private double _lastLook = double.NegativeInfinity;
    private double _typical = -1;
    private double _wanted;

    public int Min { get; init; } = 1;

    public int Max { get; init; } = 4;

    public int Processors { get; init; } = 4;

    /// <summary>True: tasks need a processor; false: they wait for something elsewhere.</summary>
    public bool NeedsProcessor { get; init; }

    /// <summary>Programs of others that always want a processor.</summary>
    public int Others { get; init; }

    public double Budget { get; init; } = double.PositiveInfinity;

    /// <summary>Megabytes a child has after the start.</summary>
    public double FreshChild { get; init; } = 40;

    /// <summary>Megabytes a child has after its first task.</summary>
    public double UsedChild { get; init; } = 40;

    /// <summary>Each decision, with its time.</summary>
    public List<(double At, ScaleDecision Decision)> Decisions { get; } = [];

    public int Done { get; private set; }

    public int MostSlots { get; private set; }

    public double MostMemory { get; private set; }

    public int Slots => _slots.Count;

    public double Load { get; private set; }

    private double Pressure { get; set; }

    private double Memory => _slots.Sum(slot => slot.Size);

    /// <summary>Begins with so many slots, and a machine as loaded as it has been for long.</summary>
    public ScaleSimulation Begin(int slots, double size)
    {
        for (int slot = 0; slot < slots; slot++)
            _slots.Add(new ModelSlot { Size = size });
        Load = Others;
        Pressure = Others > Processors ? 100 : 0;
        return this;
    }

    /// <summary>Runs until a time, in seconds; tasks come as <paramref name="arrivals"/> says, in order.</summary>
    public void RunUntil(double end, IEnumerable<(double At, double Runtime)> arrivals)
    {
        Queue<(double At, double Runtime)> coming = new(arrivals);
        for (; _now < end; _now += Step)
        {
            bool wasIdle = _waiting.Count == 0 && _slots.TrueForAll(slot => slot.Left <= 0);
            bool wasQuiet = wasIdle && _slots.Count == Min;
            bool stirred = false;
            while (coming.TryPeek(out (double At, double Runtime) next) && next.At <= _now)
            {
                _waiting.Enqueue(coming.Dequeue());
                stirred = true;
            }

            Work();
            // As the scaler: at once where nothing was to be done before, else in its period; not at all where it has nothing to take back.
            if ((wasIdle && stirred) || (!wasQuiet && _now - _lastLook >= LookEvery))
                Look();
        }
    }

    private void Work()
    {
        foreach (ModelSlot slot in _slots.Where(slot => slot.Left <= 0 && slot.OpenAt <= _now))
        {
            if (_waiting.TryDequeue(out (double At, double Runtime) task))
                (slot.Left, slot.Since) = (task.Runtime, _now);
        }

        ModelSlot[] running = [.. _slots.Where(slot => slot.Left > 0)];
        int wanting = Others + (NeedsProcessor ? running.Length : 0);
        _wanted += NeedsProcessor ? running.Length * Step : 0;
        double speed = NeedsProcessor && wanting > Processors ? (double)Processors / wanting : 1;
        foreach (ModelSlot slot in running)
        {
            slot.Left -= Step * speed;
            if (slot.Left > 0)
                continue;
            Done++;
            double took = _now - slot.Since;
            _typical = _typical < 0 ? took : _typical + 0.1 * (took - _typical);
            slot.Size = UsedChild;
        }

        Load += (wanting - Load) * Step / 60;
        Pressure += ((wanting > Processors ? 100 : 0) - Pressure) * Step / 10;
        MostSlots = Math.Max(MostSlots, _slots.Count);
        MostMemory = Math.Max(MostMemory, Memory);
    }

    private void Look()
    {
        // As it is measured: between two looks, where the last one was not long ago.
        int busy = _slots.Count(slot => slot.Left > 0);
        double? demand = _now - _lastLook <= 2 && busy > 0 ? _wanted / (_now - _lastLook) / busy : null;
        _wanted = 0;
        _lastLook = _now;
        double longest = _slots.Where(slot => slot.Left > 0).Select(slot => _now - slot.Since).DefaultIfEmpty(0).Max();
        long budget = double.IsInfinity(Budget) ? long.MaxValue / 2 : (long)Budget << 20;
        ScaleInputs inputs = new()
        {
            Now = TimeSpan.FromSeconds(_now),
            Min = Min,
            Max = Max,
            Slots = _slots.Count,
            Starting = _slots.Count(slot => slot.OpenAt > _now),
            Busy = busy,
            Backlog = _waiting.Count == 0 ? [] : [new QueueBacklog(_waiting.Count, TimeSpan.FromSeconds(_now - _waiting.Peek().At), TimeSpan.FromSeconds(1))],
            Runtime = _typical < 0 || longest > 2 * _typical + 0.02 ? null : TimeSpan.FromSeconds(_typical),
            Machine = new MachineLoad { Processors = Processors, Load = Load, CpuPressure = Pressure, Demand = demand },
            Memory = new MemoryState(
                budget, 0,
                (long)_slots.Select(slot => slot.Size).DefaultIfEmpty(FreshChild).Max() << 20),
        };
        if (_autoscaler.Decide(inputs) is not { } decision)
            return;
        Decisions.Add((_now, decision));
        if (decision.IsRefused)
            return;
        for (int slot = decision.From; slot < decision.To; slot++)
            _slots.Add(new ModelSlot { OpenAt = _now + StartTakes, Size = FreshChild });
        if (decision.To < decision.From)
            _slots.Remove(_slots.First(slot => slot.Left <= 0 && slot.OpenAt <= _now));
    }

    private sealed class ModelSlot
    {
        public double OpenAt { get; init; }

        public double Size { get; set; }

        public double Left { get; set; }

        public double Since { get; set; }
    }
}
