using Essaim.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>Removes tasks and idempotency keys that have been kept long enough.</summary>
internal sealed partial class HistoryPruner(IMetadataStore store, ServerOptions options, TimeProvider time, ILogger<HistoryPruner> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                DateTimeOffset now = time.GetUtcNow();
                int tasks = await store.Tasks.PruneAsync(new HistoryRetention(options.HistoryMaxAge, options.HistoryMaxTasks), now, stoppingToken);
                int keys = await store.Requests.PruneAsync(now, stoppingToken);
                if (tasks + keys > 0)
                    LogPruned(tasks, keys);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailure(error.Message);
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(5014, LogLevel.Information, "Removed {Tasks} tasks and {Keys} idempotency keys from the history")]
    private partial void LogPruned(int tasks, int keys);

    [LoggerMessage(5015, LogLevel.Warning, "The history could not be pruned: {Reason}")]
    private partial void LogFailure(string reason);
}
