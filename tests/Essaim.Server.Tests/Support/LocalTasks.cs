using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Server.Tests;

/// <summary>A real worker in this process with a few tasks.</summary>
internal sealed partial class LocalTasks : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ServiceProvider _services;
    private readonly Worker _worker;
    private readonly Task _running;

    public LocalTasks(IBackend backend)
    {
        ServiceCollection services = new();
        services.AddSingleton(backend).AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddEssaim();
        services.AddTask("tasks.add", (int x, int y) => x + y);
        services.AddTask("tasks.fail", int () => throw new InvalidOperationException("no luck"));
        services.AddTask("tasks.talk", async (TaskContext context) =>
        {
            FirstLine(context.Logger);
            context.Progress(0.5, "half");
            await Task.Yield();
            return "said";
        });
        services.AddTask("tasks.wait", (TaskContext _, CancellationToken stop) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop));
        _services = services.BuildServiceProvider();
        WorkerOptions options = new() { Pool = WorkerPool.Threads, MaxConcurrency = 2, NodeName = "local@test", Queues = ["celery"] };
        _worker = new Worker(options, WorkerParts.From(_services, ChildLaunch.OfThisProgram()));
        _running = _worker.RunAsync(_stop.Token, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _worker.Dispose();
        _stop.Dispose();
        await _services.DisposeAsync();
    }

    [LoggerMessage(1, LogLevel.Information, "first line")]
    private static partial void FirstLine(ILogger logger);
}
