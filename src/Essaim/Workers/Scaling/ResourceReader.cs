namespace Essaim;

/// <summary>Reads what another slot depends on: the machine's load, what the tasks want of it, and the memory of the worker and its children.</summary>
/// <param name="scheduler">Knows the children.</param>
/// <param name="readMachine">Reads the load.</param>
/// <param name="budget">Bytes the worker and its children may have.</param>
/// <param name="time">Clock.</param>
internal sealed class ResourceReader(Scheduler scheduler, Func<MachineLoad> readMachine, long budget, TimeProvider time)
{
    // Of a child before any has told.
    private const long Guess = 40L << 20;
    private readonly GroupMemory _groups = new();
    private readonly ProcessorDemand _demand = new(time);
    private readonly Lock _gate = new();

    /// <summary>Looks now.</summary>
    /// <param name="busy">Slots that run a task.</param>
    public (MachineLoad Machine, MemoryState Memory) Read(int busy)
    {
        (IReadOnlyList<int> children, long startUp) = scheduler.GetChildren();
        lock (_gate)
        {
            MemoryState memory = ReadMemory(children, startUp);
            double? wanted = _demand.Read(children.Count > 0 ? _groups.Members : [Environment.ProcessId]);
            return (readMachine() with { Demand = busy > 0 ? wanted / busy : null }, memory);
        }
    }

    /// <summary>True where one more child fits.</summary>
    public bool HasRoom()
    {
        (IReadOnlyList<int> children, long startUp) = scheduler.GetChildren();
        lock (_gate)
            return ReadMemory(children, startUp).Room > children.Count;
    }

    private MemoryState ReadMemory(IReadOnlyList<int> children, long startUp)
    {
        long largest = _groups.Read(children).Values.DefaultIfEmpty(0).Max();
        return new MemoryState(budget, Environment.WorkingSet, Math.Max(startUp == 0 ? Guess : startUp, largest));
    }
}
