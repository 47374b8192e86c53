using System.Text.Json;
using System.Threading.Channels;
using Essaim.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>
/// Writes what events say into the history, in batches, with the position reached in the same transaction: a restart goes on
/// where the last batch ended.
/// </summary>
internal sealed partial class EventRecorder(
    IBackend backend, IMetadataStore store, FeedSources sources, TaskSignals signals, EventEnabler enabler, TimeProvider time, ILogger<EventRecorder> logger) : BackgroundService
{
    private const int MaxBatch = 1000;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    public RecorderState State { get; } = new(time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        TimeSpan pause = TimeSpan.FromSeconds(1);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(() => pause = TimeSpan.FromSeconds(1), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                State.Fail(error);
                LogFailure(pause.TotalSeconds, error.Message);
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task FollowAsync(Action succeeded, CancellationToken cancellationToken)
    {
        long position = await store.Tasks.GetCursorAsync(sources.Events, cancellationToken) ?? 0;
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<EventEntry> entries = Channel.CreateBounded<EventEntry>(2 * MaxBatch);
        Task reading = ReadAsync(position, entries.Writer, ended.Token);
        try
        {
            List<EventEntry> batch = new(MaxBatch);
            while (await entries.Reader.WaitToReadAsync(cancellationToken))
            {
                batch.Clear();
                while (batch.Count < MaxBatch && entries.Reader.TryRead(out EventEntry? entry))
                    batch.Add(entry);
                await RecordAsync(batch, cancellationToken);
                State.IsCatchingUp = batch.Count == MaxBatch;
                State.Succeed();
                succeeded();
            }
        }
        finally
        {
            await ended.CancelAsync();
            await reading;
        }
    }

    private async Task ReadAsync(long position, ChannelWriter<EventEntry> entries, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (EventEntry entry in backend.Events.SubscribeAsync(position, cancellationToken))
                await entries.WriteAsync(entry, cancellationToken);
            entries.Complete();
        }
        catch (Exception error)
        {
            // Thrown again by whoever reads the channel.
            entries.Complete(error);
        }
    }

    private async Task RecordAsync(List<EventEntry> batch, CancellationToken cancellationToken)
    {
        List<TaskChange> changes = [];
        List<WorkerSighting> sightings = [];
        foreach (EventEntry entry in batch)
        {
            try
            {
                if (EventTranslation.ToChange(entry.Event) is { } change)
                    changes.Add(change);
                else if (EventTranslation.ToSighting(entry.Event, time.GetUtcNow()) is { } sighting)
                {
                    sightings.Add(sighting);
                    enabler.Saw(sighting.Node, entry.Event.Type == "worker-online");
                }
            }
            catch (JsonException error)
            {
                LogUnreadable(entry.Event.Type, entry.Event.Hostname, error.Message);
            }
        }

        IReadOnlyList<string> touched = await store.Tasks.RecordAsync(new HistoryBatch(changes, sightings, (sources.Events, batch[^1].Position)), cancellationToken);
        signals.Announce(touched);
    }

    [LoggerMessage(5010, LogLevel.Warning, "Events are not recorded; next attempt in {Seconds} s. {Reason}")]
    private partial void LogFailure(double seconds, string reason);

    [LoggerMessage(5011, LogLevel.Warning, "Event {Type} of {Node} is not readable and was left out: {Reason}")]
    private partial void LogUnreadable(string type, string node, string reason);
}
