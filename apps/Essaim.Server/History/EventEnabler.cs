using System.Collections.Concurrent;
using Essaim.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>
/// Asks workers to send task events, as Celery's monitors do: without them the history knows how tasks end but neither their
/// progress nor their log. A worker is asked as soon as it is heard of, and all are asked now and then in case one missed it.
/// </summary>
internal sealed partial class EventEnabler(IBackend backend, ServerOptions options, TimeProvider time, ILogger<EventEnabler> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, bool> _asked = new(StringComparer.Ordinal);
    private volatile TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Notes a worker that was heard of.</summary>
    public void Saw(string node, bool justStarted)
    {
        if (_asked.TryAdd(node, true) || justStarted)
            _news.TrySetResult();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (options.EnableTaskEvents && !stoppingToken.IsCancellationRequested)
        {
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                await backend.Control.CastAsync(new ControlRequest("enable_events", RawJson.EmptyObject), stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogFailure(error.Message);
            }

            await _news.Task.WaitAsync(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(5016, LogLevel.Warning, "Workers could not be asked to send task events: {Reason}")]
    private partial void LogFailure(string reason);
}
