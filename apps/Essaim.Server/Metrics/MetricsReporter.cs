using Essaim.Storage;
using Prometheus;

namespace Essaim.Server;

/// <summary>
/// Writes everything the core knows as Prometheus text: its own counts, the queues as the broker tells of them, the workers as the history
/// does. An answer is kept for a second, so that who asks often cannot load the broker.
/// </summary>
internal sealed class MetricsReporter(CoreMetrics metrics, IBackend backend, IMetadataStore store, LiveConfiguration live, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Searched = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly QueueMetrics _queues = new(metrics.Factory);
    private readonly WorkerFleetMetrics _workers = new(metrics.Factory);
    private readonly ConfigMetrics _config = new(metrics.Factory);
    private readonly Gauge _brokerUp = metrics.Factory.CreateGauge("essaim_broker_up", "1 while the broker answers; while it does not, queues have no series.");
    private readonly Gauge _historyUp = metrics.Factory.CreateGauge("essaim_history_up", "1 while the history answers; while it does not, workers have no series.");
    private byte[]? _last;
    private DateTimeOffset _lastAt;

    /// <summary>The text, in UTF-8.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReportAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is null || time.GetUtcNow() - _lastAt >= Kept)
            {
                await Task.WhenAll(ShowQueuesAsync(cancellationToken), ShowWorkersAsync(cancellationToken));
                _config.Show(live);
                using MemoryStream text = new();
                await metrics.WriteAsync(text, cancellationToken);
                (_last, _lastAt) = (text.ToArray(), time.GetUtcNow());
            }

            return _last;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task ShowQueuesAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<QueueStatus>? queues = await AskAsync(() => backend.Broker.GetQueuesAsync(cancellationToken), cancellationToken);
        _brokerUp.Set(queues is null ? 0 : 1);
        _queues.Show(queues ?? [], time.GetUtcNow());
    }

    private async Task ShowWorkersAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<WorkerRecord>? records = await AskAsync(() => store.Workers.ListAsync(now - Searched, cancellationToken), cancellationToken);
        _historyUp.Set(records is null ? 0 : 1);
        WorkerView[] workers = [.. (records ?? []).Select(record => WorkersApi.Describe(record, now))];
        _workers.Show([.. workers.Where(worker => WorkerFleetMetrics.IsShown(worker, now))], live, now);
    }

    /// <summary>Null where it fails or does not answer in time: that is a fact to show, not an error of who asks.</summary>
    private async Task<T?> AskAsync<T>(Func<ValueTask<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await Task.Run(() => ask().AsTask(), cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
