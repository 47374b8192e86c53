namespace Essaim;

/// <summary>After how many tasks a child is replaced.</summary>
/// <param name="exactly">The user's number: not one task more; null: none was given.</param>
/// <param name="byDefault">Whether the default rule holds instead.</param>
internal readonly struct Recycling(int? exactly, bool byDefault)
{
    /// <summary>Tasks after which a child is replaced where the user gives no number.</summary>
    private const int DefaultTasks = 500;

    // A child costs 0.1 s of processor time to start: where 500 tasks take a moment, they are no reason to start another.
    private static readonly TimeSpan AtTheEarliest = TimeSpan.FromSeconds(60);

    public static Recycling Of(WorkerOptions options)
    {
        int? tasks = options.InForce.MaxTasksPerChild;
        return options.Pool != WorkerPool.Processes || tasks == 0 ? new Recycling(null, byDefault: false) : new Recycling(tasks, byDefault: tasks is null);
    }

    /// <summary>It may take no more.</summary>
    public bool IsSpent(int taken) => taken >= exactly;

    /// <summary>It may take more until another is there.</summary>
    public bool IsWorn(int taken, TimeSpan age) => byDefault && taken >= DefaultTasks && age >= AtTheEarliest;
}
