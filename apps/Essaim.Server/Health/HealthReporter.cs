using System.Globalization;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>Asks every part how it is. The answer is kept for a second, so that asking often costs nothing.</summary>
internal sealed class HealthReporter(
    IBackend backend, IMetadataStore store, EventRecorder events, CompletionRecorder completions, LiveConfiguration live, ConfigDrift drift, CoreFolder folder, ServerOptions options,
    DeviceBoard devices, TimeProvider time) : IDisposable
{
    private const long LittleSpace = 1L << 30, NoSpace = 100L << 20;
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _gate = new(1);
    private HealthReport? _last;
    private DateTimeOffset _lastAt;

    public async ValueTask<HealthReport> ReportAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is null || time.GetUtcNow() - _lastAt >= Kept)
            {
                _last = HealthReport.Of([.. await Task.WhenAll(
                    AskAsync("broker", backend.CheckAsync, cancellationToken),
                    AskAsync("results", CheckResultsAsync, cancellationToken),
                    AskAsync("history", store.CheckAsync, cancellationToken),
                    CheckConfigurationAsync(cancellationToken),
                    Task.FromResult(CheckRecorder()),
                    Task.FromResult(CheckDisk())), .. CheckDevices()]);
                _lastAt = time.GetUtcNow();
            }

            return _last;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<HealthPart> AskAsync(string name, Func<CancellationToken, ValueTask<BackendHealth>> check, CancellationToken cancellationToken)
    {
        try
        {
            BackendHealth health = await Task.Run(() => check(cancellationToken).AsTask(), cancellationToken).WaitAsync(Patience, time, cancellationToken);
            return new HealthPart(name, health.Healthy ? HealthPart.Ok : HealthPart.Failed, health.Detail);
        }
        catch (TimeoutException)
        {
            return new HealthPart(name, HealthPart.Failed, string.Create(CultureInfo.InvariantCulture, $"It has not answered within {Patience.TotalSeconds} s."));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return new HealthPart(name, HealthPart.Failed, error.Message);
        }
    }

    private async ValueTask<BackendHealth> CheckResultsAsync(CancellationToken cancellationToken)
    {
        await backend.Results.GetAsync("healthz", cancellationToken);
        return new BackendHealth(true, "Results can be read.");
    }

    private async Task<HealthPart> CheckConfigurationAsync(CancellationToken cancellationToken)
    {
        FleetConfiguration current = live.Current;
        if (live.Trouble is { } trouble)
        {
            string holds = live.Origin switch
            {
                ConfigurationOrigin.BuiltIn => "built-in defaults",
                _ => string.Create(CultureInfo.InvariantCulture, $"last good of {current.PublishedAt:yyyy-MM-dd HH:mm:ss}Z, version {current.Version}"),
            };
            return new HealthPart("configuration", HealthPart.Degraded, $"{(live.IsRefusing ? "refused" : "fallback")} ({holds}): {trouble}");
        }

        if (live.Origin == ConfigurationOrigin.BuiltIn)
            return new HealthPart("configuration", HealthPart.Ok, "Nothing is published; the built-in defaults hold.");
        IReadOnlyList<WorkerConfigState> workers = await FindWorkersAsync(cancellationToken);
        string[] lagging = [.. workers.Where(worker => !worker.InSync).Select(worker => worker.Node)];
        if (lagging.Length > 0)
        {
            return new HealthPart(
                "configuration", HealthPart.Degraded, $"{lagging.Length} of {workers.Count} workers run another version than {current.Version}: {string.Join(", ", lagging)}. Look for [CELERY_API] in their logs.");
        }

        string[] apart = [.. workers.Where(worker => worker.Source is "behind" or "conflict").Select(worker => worker.Node)];
        return apart.Length > 0
            ? new HealthPart("configuration", HealthPart.Degraded, $"{string.Join(", ", apart)} started with another configuration than version {current.Version}, which they follow. 'essaim config doctor' says more.")
            : new HealthPart("configuration", HealthPart.Ok, $"Version {current.Version}, revision {current.Revision} by {current.Author}.");
    }

    /// <summary>What the workers apply; none where the history does not tell, which says so itself.</summary>
    private async Task<IReadOnlyList<WorkerConfigState>> FindWorkersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => drift.FindAsync(cancellationToken).AsTask(), cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    private HealthPart CheckRecorder()
    {
        if ((completions.State.Failure ?? events.State.Failure) is { } failure)
        {
            return new HealthPart(
                "recorder",
                HealthPart.Degraded,
                string.Create(CultureInfo.InvariantCulture, $"The history has not been kept up to date for {(time.GetUtcNow() - failure.Since).TotalSeconds:0} s; it will catch up. {failure.Error}"));
        }

        return completions.State.IsCatchingUp || events.State.IsCatchingUp
            ? new HealthPart("recorder", HealthPart.Degraded, "The history is catching up with what happened before; states may be behind.")
            : new HealthPart("recorder", HealthPart.Ok, "The history is up to date.");
    }

    /// <summary>No part where devices are not asked for.</summary>
    private IEnumerable<HealthPart> CheckDevices()
    {
        if (options.Edge is null)
            yield break;
        yield return devices.IsLinked
            ? new HealthPart("devices", HealthPart.Ok, "The broker of devices is reached.")
            : new HealthPart("devices", HealthPart.Degraded, devices.LinkError ?? "The broker of devices has not answered yet.");
    }

    private HealthPart CheckDisk()
    {
        try
        {
            long free = new DriveInfo(folder.Path).AvailableFreeSpace;
            string detail = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1 << 30):0.0} GiB free for '{folder.Path}'.");
            return free switch
            {
                < NoSpace => new HealthPart("disk", HealthPart.Failed, detail + " Free some space now: queues and history will stop."),
                < LittleSpace => new HealthPart("disk", HealthPart.Degraded, detail + " Free some space soon."),
                _ => new HealthPart("disk", HealthPart.Ok, detail),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new HealthPart("disk", HealthPart.Degraded, $"The free space of '{folder.Path}' is not known: {error.Message}");
        }
    }
}
