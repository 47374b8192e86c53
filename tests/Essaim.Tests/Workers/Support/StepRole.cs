using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Tests.Workers;

/// <summary>
/// A worker in a process of its own whose one task has five steps: <c>Essaim.Tests steps [url] [queue] [folder]</c>. Each step adds a line to the file
/// <c>effects</c>; where the file <c>hang-N</c> is missing when step N has been recorded, the task makes it and waits to be killed.
/// </summary>
internal static class StepRole
{
    public const string Verb = "steps";
    public const int Steps = 5;

    public static async Task<int> RunAsync(string[] args)
    {
        ServiceCollection services = new();
        await using IBackend backend = await Backend.OpenAsync(args[1], new BackendContext(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance), default);
        services.AddSingleton(backend);
        services.AddEssaim();
        services.AddTask("steps", async (string folder, int hangAfter, TaskContext context, CancellationToken stop) =>
        {
            int sum = 0;
            for (int step = 0; step < Steps; step++)
            {
                int number = step;
                sum += await context.StepAsync($"step {number}", _ => EffectAsync(folder, number), stop);
                string mark = Path.Combine(folder, "hung");
                if (number == hangAfter && !File.Exists(mark))
                {
                    await File.WriteAllTextAsync(mark, "", stop);
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
                }
            }

            return sum;
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        WorkerOptions options = new()
        {
            Queues = [args[2]],
            MaxConcurrency = 1,
            Pool = WorkerPool.Threads,
            Lease = TimeSpan.FromSeconds(3),
            NodeName = $"w{Environment.ProcessId}@here",
        };
        using Worker worker = new(options, WorkerParts.From(provider, ChildLaunch.OfThisProgram()));
        await worker.RunAsync(default, default);
        return 0;
    }

    private static async Task<int> EffectAsync(string folder, int number)
    {
        await File.AppendAllTextAsync(Path.Combine(folder, "effects"), $"{number}\n");
        return number;
    }
}
