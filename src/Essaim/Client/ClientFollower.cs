using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim;

/// <summary>Follows the fleet's configuration for a client, from its first call on.</summary>
internal sealed class ClientFollower : IAsyncDisposable
{
    // A broker that does not tell its configuration in time is not to hold up calls: they go by what is known.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly ConfigFollower _follower;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task? _running;
    private Task? _ready;

    public ClientFollower(LazyBackend backend, TaskClientOptions options)
    {
        options.Configuration ??= new LiveConfiguration();
        ILogger logger = (options.Logging ?? NullLoggerFactory.Instance).CreateLogger("Essaim.Configuration");
        _follower = new ConfigFollower(async stop => (await backend.GetAsync(stop)).Configuration, options.Configuration, null, TimeProvider.System, Random.Shared, logger);
    }

    /// <summary>Done once the configuration was read, or could not be in time.</summary>
    public Task ReadyAsync(CancellationToken cancellationToken)
    {
        Task ready;
        lock (_gate)
        {
            _running ??= Task.Run(() => _follower.RunAsync(_stop.Token), CancellationToken.None);
            ready = _ready ??= WaitAsync();
        }

        return ready.IsCompleted ? Task.CompletedTask : ready.WaitAsync(cancellationToken);
    }

    private async Task WaitAsync() =>
        await _follower.FirstLook.WaitAsync(Patience, TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running is not null)
            await _running;
        _stop.Dispose();
    }
}
