using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Keeps a <see cref="LiveConfiguration"/> as what is published: at once when that changes, and again by itself after the broker was away. What is
/// damaged is refused as a whole; what held before goes on holding.
/// </summary>
internal sealed partial class ConfigFollower(
    Func<CancellationToken, ValueTask<IConfigStore>> open, LiveConfiguration live, ConfigCopy? copy, TimeProvider time, Random random, ILogger logger)
{
    private static readonly TimeSpan ReadAtMost = TimeSpan.FromSeconds(5);
    private readonly Backoff _backoff = new(time, random);
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called before each look that follows a start, or a time without the broker.</summary>
    public Func<CancellationToken, ValueTask>? Offer { get; init; }

    /// <summary>Done when the first look is over, whatever it saw.</summary>
    public Task FirstLook => _first.Task;

    /// <summary>Follows until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // Whatever it was: who has stopped following would never know of a change again.
                _backoff.Fail();
                FallBack(failure.Message);
            }

            _first.TrySetResult();
            await _backoff.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        IConfigStore store = await open(stop).AsTask().WaitAsync(ReadAtMost, time, stop);
        if (Offer is not null)
            await Offer(stop).AsTask().WaitAsync(ReadAtMost, time, stop);
        // Not only the watch tells whether there is something: where nothing was ever published, it says nothing.
        if (await store.ReadAsync(stop).AsTask().WaitAsync(ReadAtMost, time, stop) is { } current)
            Take(current);
        else if (live.Trouble is not null)
            live.Apply(live.Current, live.Origin);
        _first.TrySetResult();
        if (_backoff.Succeed())
            LogFollowedAgain(live.Current.Version);
        await foreach (ConfigSnapshot snapshot in store.WatchAsync(stop))
            Take(snapshot);
    }

    private void Take(ConfigSnapshot snapshot)
    {
        if (live.Origin == ConfigurationOrigin.Published && live.Current.Version == snapshot.Version)
        {
            live.Apply(live.Current, ConfigurationOrigin.Published);
            return;
        }

        FleetConfiguration read;
        try
        {
            read = FleetConfiguration.Read(snapshot);
        }
        catch (ConfigException damaged)
        {
            if (live.Note(damaged.Message, refused: true, time.GetUtcNow()))
                LogRefused(damaged.Message, Describe());
            return;
        }

        live.Apply(read, ConfigurationOrigin.Published);
        LogApplied(read.Version, read.Revision, read.Author, read.Queues.Count, read.Document.Routes.Count);
        try
        {
            copy?.Write(read);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotCopied(copy!.Path, failure.Message);
        }
    }

    private void FallBack(string reason)
    {
        if (live.Origin == ConfigurationOrigin.BuiltIn && copy?.Read() is { } lastGood)
            live.Apply(lastGood, ConfigurationOrigin.LastGood);
        if (live.Note(reason, refused: false, time.GetUtcNow()))
            LogFellBack(reason, Describe());
    }

    private string Describe() => live.Origin switch
    {
        ConfigurationOrigin.BuiltIn => "The built-in defaults hold.",
        ConfigurationOrigin.LastGood => $"The copy of {live.Current.Version} on this machine holds.",
        _ => $"{live.Current.Version} holds on.",
    };

    [LoggerMessage(1310, LogLevel.Information, "[CELERY_API] configuration {Version} applied: revision {Revision} by {Author}, {Queues} queues, {Routes} routes", EventName = "CELERY_API")]
    private partial void LogApplied(string version, long revision, string author, int queues, int routes);

    [LoggerMessage(1311, LogLevel.Error, "[CELERY_API] configuration refused: {Reason} {Holds}", EventName = "CELERY_API_REFUSED")]
    private partial void LogRefused(string reason, string holds);

    [LoggerMessage(1312, LogLevel.Warning, "[CELERY_API] configuration not read: {Reason} {Holds}", EventName = "CELERY_API_FALLBACK")]
    private partial void LogFellBack(string reason, string holds);

    [LoggerMessage(1313, LogLevel.Information, "[CELERY_API] configuration can be read again; {Version} holds", EventName = "CELERY_API_BACK")]
    private partial void LogFollowedAgain(string version);

    [LoggerMessage(1314, LogLevel.Warning, "[CELERY_API] the configuration's copy {File} was not written: {Reason}", EventName = "CELERY_API_NOT_COPIED")]
    private partial void LogNotCopied(string file, string reason);
}
