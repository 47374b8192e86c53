using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>Has the broker keep house even while no worker runs: due messages, lost leases, expired results.</summary>
internal sealed partial class BrokerSweeper(IBackend backend, TimeProvider time, ILogger<BrokerSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool failing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                SweepReport report = await backend.Broker.SweepAsync(stoppingToken);
                if (report.Reclaimed > 0)
                    LogReclaimed(report.Reclaimed);
                failing = false;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                if (!failing)
                    LogFailure(error.Message);
                failing = true;
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(5020, LogLevel.Information, "{Count} messages whose worker was lost went back to their queues")]
    private partial void LogReclaimed(int count);

    [LoggerMessage(5021, LogLevel.Warning, "The broker could not be swept: {Reason}")]
    private partial void LogFailure(string reason);
}
