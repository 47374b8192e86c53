using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>What a worker is made of, beside its settings.</summary>
internal sealed record WorkerParts
{
    /// <summary>Broker, results, events, control.</summary>
    public required IBackend Backend { get; init; }

    /// <summary>The tasks it can run.</summary>
    public required TaskRegistry Registry { get; init; }

    /// <summary>The queues' characters.</summary>
    public QueueRegistry Queues { get; init; } = new([]);

    /// <summary>The fleet's configuration in force; the worker keeps it up to date.</summary>
    public LiveConfiguration Live { get; init; } = new();

    /// <summary>The configuration this worker publishes; null: it only follows.</summary>
    public ConfigSource? Source { get; init; }

    /// <summary>Runs tasks in the threads pool.</summary>
    public required ITaskRunner Runner { get; init; }

    /// <summary>Works out what follows a task.</summary>
    public required ISettlementPlanner Planner { get; init; }

    /// <summary>How child processes are started.</summary>
    public required ChildLaunch Launch { get; init; }

    /// <summary>Clock: the broker's.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>For jitter.</summary>
    public required Random Random { get; init; }

    /// <summary>Logs.</summary>
    public required ILoggerFactory Logging { get; init; }

    /// <summary>What finds out more about this node while it works already.</summary>
    public IReadOnlyList<ILabelFinder> LabelFinders { get; init; } = [];

    /// <summary>Where the kernel can keep children to their memory limit.</summary>
    public Func<MemoryCages?> FindCages { get; init; } = () => MemoryCages.Find();

    /// <summary>How hard the machine works, for autoscaling.</summary>
    public Func<MachineLoad> ReadMachine { get; init; } = MachineReader.Read;

    /// <summary>Takes the parts from a container that has the tasks, a backend and a clock.</summary>
    public static WorkerParts From(IServiceProvider services, ChildLaunch launch) => new()
    {
        Backend = services.GetRequiredService<IBackend>(),
        Registry = services.GetRequiredService<TaskRegistry>(),
        Queues = services.GetRequiredService<QueueRegistry>(),
        Live = services.GetRequiredService<LiveConfiguration>(),
        Source = services.GetService<ConfigSource>(),
        Runner = services.GetRequiredService<ITaskRunner>(),
        Planner = services.GetRequiredService<ISettlementPlanner>(),
        Launch = launch,
        Time = services.GetRequiredService<IBackend>().Clock,
        Random = services.GetService<Random>() ?? Random.Shared,
        Logging = services.GetRequiredService<ILoggerFactory>(),
        LabelFinders = [.. services.GetServices<ILabelFinder>()],
    };
}
