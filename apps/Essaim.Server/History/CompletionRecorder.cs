using Essaim.Protocol;
using Essaim.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>
/// Writes the broker's own word on how tasks ended into the history. Events may be off, late or lost; the completion feed is
/// durable, so in the end every record says how its task ended.
/// </summary>
internal sealed partial class CompletionRecorder(
    IBackend backend, IMetadataStore store, FeedSources sources, TaskSignals signals, CoreMetrics metrics, TimeProvider time, ILogger<CompletionRecorder> logger) : BackgroundService
{
    private const int MaxBatch = 500;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FeedCheckInterval = TimeSpan.FromMinutes(1);

    private long? _position;
    private DateTimeOffset _feedChecked;

    public RecorderState State { get; } = new(time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        TimeSpan pause = ShortestPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                int recorded = await RecordSomeAsync(stoppingToken);
                State.IsCatchingUp = recorded == MaxBatch;
                State.Succeed();
                pause = recorded > 0 || signals.HasListeners ? ShortestPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
                if (recorded == MaxBatch)
                    continue;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                _position = null;
                State.Fail(error);
                LogFailure(FailurePause.TotalSeconds, error.Message);
                pause = FailurePause;
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Records the next completions. Returns how many.</summary>
    private async ValueTask<int> RecordSomeAsync(CancellationToken cancellationToken)
    {
        long position = _position ?? await store.Tasks.GetCursorAsync(sources.Completions, cancellationToken) ?? 0;
        IReadOnlyList<FeedEntry> entries = await backend.Results.ReadCompletionsAsync(position, MaxBatch, cancellationToken);
        if (entries.Count == 0)
        {
            _position = await IsNewFeedAsync(position, cancellationToken) ? await StartOverAsync(position, cancellationToken) : position;
            return 0;
        }

        Dictionary<string, string> errors = await ReadErrorsAsync(entries, cancellationToken);
        TaskChange[] changes = [.. entries.Select(entry => Describe(entry.Completion, errors.GetValueOrDefault(entry.Completion.TaskId)))];
        IReadOnlyList<string> touched = await store.Tasks.RecordAsync(new HistoryBatch(changes, [], (sources.Completions, entries[^1].Position)), cancellationToken);
        _position = entries[^1].Position;
        signals.Announce(touched);
        foreach (FeedEntry entry in entries)
            metrics.Completed(entry.Completion.TaskName, entry.Completion.State.ToString());
        return entries.Count;
    }

    /// <summary>A broker whose file was replaced counts from one again: its feed has entries, but none as far as this one was read.</summary>
    private async ValueTask<bool> IsNewFeedAsync(long position, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (position == 0 || now - _feedChecked < FeedCheckInterval)
            return false;
        if ((await backend.Results.ReadCompletionsAsync(position - 1, 1, cancellationToken)).Count > 0)
        {
            _feedChecked = now;
            return false;
        }

        IReadOnlyList<FeedEntry> oldest = await backend.Results.ReadCompletionsAsync(0, 1, cancellationToken);
        return oldest.Count > 0 && oldest[0].Position < position;
    }

    private async ValueTask<long> StartOverAsync(long position, CancellationToken cancellationToken)
    {
        LogNewFeed(position);
        await store.Tasks.RecordAsync(new HistoryBatch([], [], (sources.Events, 0)), cancellationToken);
        await store.Tasks.RecordAsync(new HistoryBatch([], [], (sources.Completions, 0)), cancellationToken);
        return 0;
    }

    private async ValueTask<Dictionary<string, string>> ReadErrorsAsync(IReadOnlyList<FeedEntry> entries, CancellationToken cancellationToken)
    {
        string[] failed = [.. entries.Where(entry => entry.Completion.State.IsException).Select(entry => entry.Completion.TaskId).Distinct()];
        Dictionary<string, string> errors = new(StringComparer.Ordinal);
        if (failed.Length == 0)
            return errors;
        IReadOnlyList<ResultDocument?> documents = await backend.Results.GetManyAsync(failed, cancellationToken);
        for (int i = 0; i < failed.Length; i++)
        {
            if (documents[i] is { State.IsException: true } document)
                errors[failed[i]] = ErrorText.Of(document);
        }

        return errors;
    }

    private static TaskChange Describe(Completion completion, string? error) => new()
    {
        TaskId = completion.TaskId,
        At = completion.At,
        State = completion.State,
        Certain = true,
        Name = completion.TaskName.Length > 0 ? completion.TaskName : null,
        Queue = completion.Queue.Length > 0 ? completion.Queue : null,
        Worker = completion.Worker.Length > 0 ? completion.Worker : null,
        Runtime = completion.Runtime,
        RootId = completion.RootId,
        Error = error,
    };

    [LoggerMessage(5012, LogLevel.Warning, "Completions are not recorded; next attempt in {Seconds} s. {Reason}")]
    private partial void LogFailure(double seconds, string reason);

    [LoggerMessage(5013, LogLevel.Warning, "The broker's completion feed ends before position {Position}: it is a new one, and is read from its beginning")]
    private partial void LogNewFeed(long position);
}
