using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Tests.Workers;

/// <summary>A worker in a process of its own: <c>Essaim.Tests worker [url] [processes|threads] [slots]</c>, until it is killed.</summary>
internal static class WorkerRole
{
    public const string Verb = "worker";

    public static async Task<int> RunAsync(string[] args)
    {
        await using IBackend backend = await Backend.OpenAsync(
            args[1], new BackendContext(TimeProvider.System, NullLoggerFactory.Instance), CancellationToken.None);
        using Worker worker = Create(backend, args[2] == "threads" ? WorkerPool.Threads : WorkerPool.Processes, int.Parse(args[3], CultureInfo.InvariantCulture));
        await worker.RunAsync(CancellationToken.None, CancellationToken.None);
        return 0;
    }

    public static Worker Create(IBackend backend, WorkerPool pool, int slots)
    {
        WorkerOptions options = new() { MaxConcurrency = slots, Pool = pool, Lease = TimeSpan.FromSeconds(3), NodeName = $"w{Environment.ProcessId}@here" };
        return Create(backend, options, NullLoggerFactory.Instance);
    }

    public static Worker Create(IBackend backend, WorkerOptions options, ILoggerFactory logging) => new(options, new WorkerParts
    {
        Backend = backend,
        Registry = ScriptedRunner.Registry(),
        Runner = new ScriptedRunner(),
        Planner = new PlainPlanner(TimeProvider.System),
        Launch = ChildLaunch.OfThisProgram(),
        Time = TimeProvider.System,
        Random = new Random(1),
        Logging = logging,
    });
}
