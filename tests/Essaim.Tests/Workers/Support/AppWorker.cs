using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Essaim.Tests.Workers;

/// <summary>A worker as a program has it, with tasks and queues of its own, on threads and a backend in memory.</summary>
internal sealed class AppWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ServiceProvider _services;
    private readonly Worker _worker;
    private readonly Task _ended;

    public AppWorker(Action<IServiceCollection> configure, Action<WorkerOptions> options, IBackend? backend = null)
    {
        Backend = backend ?? new InMemoryBackend(TimeProvider.System);
        ServiceCollection services = new();
        services.AddSingleton(Backend);
        services.AddSingleton<ILoggerFactory>(Logger);
        services.AddEssaim();
        configure(services);
        _services = services.BuildServiceProvider();
        WorkerOptions worker = new() { Pool = WorkerPool.Threads, MaxConcurrency = 4, NodeName = "test@here" };
        options(worker);
        Client = _services.GetRequiredService<TaskClient>();
        _worker = new Worker(worker, WorkerParts.From(_services, ChildLaunch.OfThisProgram()));
        _ended = _worker.RunAsync(_stop.Token, _stop.Token);
    }

    public IBackend Backend { get; }

    public TaskClient Client { get; }

    public ListLogger Logger { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _ended;
        _worker.Dispose();
        await _services.DisposeAsync();
        _stop.Dispose();
    }
}
