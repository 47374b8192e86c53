using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>A worker with the program's own tasks in this process, and beat beside it where wanted.</summary>
internal sealed class LocalWorker : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Worker _worker;
    private readonly BeatService? _beat;

    public LocalWorker(AppDefinition definition, WorkerOptions options, IBackend backend, string brokerUrl, ILoggerFactory logging, LiveConfiguration live, ConfigSource? source, bool beat)
    {
        definition.Services.AddSingleton(live);
        if (source is not null)
            definition.Services.AddSingleton(source);
        definition.Services.AddSingleton(backend);
        definition.Services.AddSingleton(logging);
        _services = definition.Services.AddEssaim().BuildServiceProvider();
        _worker = new Worker(options, WorkerParts.From(_services, ChildLaunch.OfThisProgram(new Dictionary<string, string?> { [ChildVerb.Broker] = brokerUrl })));
        if (!beat)
            return;
        TaskClientOptions client = _services.GetRequiredService<TaskClientOptions>();
        client.Registry ??= _services.GetRequiredService<TaskRegistry>();
        _beat = new BeatService(backend, client, logging, definition.Schedules);
    }

    public string NodeName => _worker.NodeName;

    /// <summary>The queues it serves at first.</summary>
    public IReadOnlyList<string> Queues => _worker.Queues;

    /// <summary>Runs until asked to stop, and stops.</summary>
    /// <param name="warm">Let what runs finish.</param>
    /// <param name="cold">Give it back at once.</param>
    /// <exception cref="WorkerException">Child processes do not start.</exception>
    public async Task RunAsync(CancellationToken warm, CancellationToken cold)
    {
        if (_beat is not null)
            await _beat.StartAsync(CancellationToken.None);
        try
        {
            await _worker.RunAsync(warm, cold);
        }
        finally
        {
            if (_beat is not null)
                await _beat.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Runs beat alone until asked to stop.</summary>
    public async Task RunBeatAsync(CancellationToken stop)
    {
        if (_beat is null)
            return;
        await _beat.StartAsync(CancellationToken.None);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _beat.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        _beat?.Dispose();
        _worker.Dispose();
        await _services.DisposeAsync();
    }
}
