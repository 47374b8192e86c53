using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>
/// Keeps the core's configuration as what is published; where the broker cannot be read, a copy in the core's own folder holds, else the built-in
/// defaults.
/// </summary>
internal sealed class CoreConfiguration : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly ConfigFollower _follower;

    public CoreConfiguration(IBackend backend, LiveConfiguration live, CoreFolder folder, TimeProvider time, ILoggerFactory logging)
    {
        ConfigCopy copy = new(Path.Combine(folder.Path, "config.json"));
        _follower = new ConfigFollower(_ => new(backend.Configuration), live, copy, time, Random.Shared, logging.CreateLogger("Essaim.Configuration"));
    }

    /// <summary>Waits for the first look, but not for long: the core answers with what it has.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await _follower.FirstLook.WaitAsync(Patience, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => _follower.RunAsync(stoppingToken), CancellationToken.None);
}
